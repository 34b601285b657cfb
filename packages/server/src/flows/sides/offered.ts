import type { Stream } from '@latchwork/connectors'
import type { OfferedStream, User } from '@latchwork/contract'
import { fileOfSource } from '../../files/for-connector.ts'
import type { SideView } from '../store/sides.ts'
import { withSource } from './first-stream.ts'
import { readConfig, storedConfig } from './form.ts'
import { access, fieldsUnder, type PreviewParts, type UnsavedSide, withinLimit } from './looking.ts'

/**
 * The streams that a source offers which is not saved.
 * @throws {LatchworkError} as `sampleSource`
 */
export function streamsOfUnsaved(
  parts: PreviewParts,
  source: UnsavedSide,
  user: User,
): Promise<OfferedStream[]> {
  return withinLimit(async (signal) => {
    const { connector, credential } = await access(parts, 'source', source, user, signal)
    const read = readConfig(connector, 'source', source.config, 'config')
    const { config, around } = await fileOfSource(parts.files, connector, { config: read }, user.id)
    return fieldsUnder('config', () =>
      withSource(connector, config, credential, { signal, ...around }, async (opened) =>
        (await opened.streams()).map(shown),
      ),
    )
  })
}

/** The same of one that is saved. The person needs the right to its credential and its file, as a flow of theirs does. */
export function streamsOfSaved(parts: PreviewParts, source: SideView, user: User): Promise<OfferedStream[]> {
  return withinLimit(async (signal) => {
    const { connector, credential } = await access(parts, 'source', source, user, signal)
    const side = { ...source, config: storedConfig(connector, 'source', source.config) }
    const { config, around } = await fileOfSource(parts.files, connector, side, user.id)
    return withSource(connector, config, credential, { signal, ...around }, async (opened) =>
      (await opened.streams()).map(shown),
    )
  })
}

function shown({ modes, parameters, ranges, ...stream }: Stream): OfferedStream {
  return { ...stream, modes: [...modes], parameters: [...parameters], ranges: ranges === true }
}
