import type { Connector, Source, Stream } from '@latchwork/connectors'
import { type FieldOption, invalidField, type OfferedStream, type User } from '@latchwork/contract'
import { fileOfSource } from '../../files/for-connector.ts'
import type { SideView } from '../store/sides.ts'
import { withSource } from './first-stream.ts'
import { readConfig, storedConfig } from './form.ts'
import { access, fieldsUnder, type PreviewParts, type UnsavedSide, withinLimit } from './looking.ts'

/** A parameter of a stream. */
export interface ParameterOf {
  readonly stream: string
  readonly parameter: string
}

/**
 * Opens a source that is not saved, for a question about its account.
 * @throws {LatchworkError} as `sampleSource`
 */
export function withUnsaved<T>(
  parts: PreviewParts,
  source: UnsavedSide,
  user: User,
  work: (source: Source) => Promise<T>,
): Promise<T> {
  return withinLimit(async (signal) => {
    const { connector, credential } = await access(parts, 'source', source, user, signal)
    const read = readConfig(connector, 'source', source.config, 'config')
    const { config, around } = await fileOfSource(parts.files, connector, { config: read }, user.id)
    return fieldsUnder('config', () => withSource(connector, config, credential, { signal, ...around }, work))
  })
}

/** The same of one that is saved. The person needs the right to its credential and its file, as a flow of theirs does. */
export function withSaved<T>(
  parts: PreviewParts,
  source: SideView,
  user: Pick<User, 'id'>,
  work: (source: Source, connector: Connector) => Promise<T>,
): Promise<T> {
  return withinLimit(async (signal) => {
    const { connector, credential } = await access(parts, 'source', source, user, signal)
    const side = { ...source, config: storedConfig(connector, 'source', source.config) }
    const { config, around } = await fileOfSource(parts.files, connector, side, user.id)
    return withSource(connector, config, credential, { signal, ...around }, (opened) =>
      work(opened, connector),
    )
  })
}

/** The streams that a source offers. */
export async function streamsOf(source: Source): Promise<OfferedStream[]> {
  return (await source.streams()).map(shown)
}

/** What its account has to choose from for a parameter. @throws {LatchworkError} `invalid_input` */
export async function optionsOf(source: Source, { stream, parameter }: ParameterOf): Promise<FieldOption[]> {
  if (source.options === undefined) {
    throw invalidField('parameter', 'form', 'This source has no parameters with choices of its own.')
  }
  return [...(await source.options(stream, parameter))]
}

function shown({ modes, parameters, ranges, ...stream }: Stream): OfferedStream {
  return { ...stream, modes: [...modes], parameters: [...parameters], ranges: ranges === true }
}
