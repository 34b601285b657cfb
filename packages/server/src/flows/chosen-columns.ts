import { isDeepStrictEqual } from 'node:util'
import {
  type FieldFault,
  type FlowStream,
  type FlowStreams,
  givenNames,
  selectedColumns,
  type User,
} from '@latchwork/contract'
import { fileOfSource } from '../files/for-connector.ts'
import { invalidInput } from '../http/input.ts'
import { memberOf } from '../identity/rules.ts'
import { withSource } from './sides/first-stream.ts'
import { storedConfig } from './sides/form.ts'
import { ifAsked } from './sides/lacking.ts'
import { access, type PreviewParts, withinLimit } from './sides/looking.ts'
import type { Sides } from './sides/sides.ts'
import type { SideView } from './store/sides.ts'

export interface ColumnParts extends PreviewParts {
  readonly sources: Pick<Sides, 'find'>
}

/**
 * Requires that the source has the columns that a flow names. A source that can't be asked now is left to the run.
 * @param before what of it was saved already
 * @throws {LatchworkError} `invalid_input`, and `source_not_found` for one that the person may not see
 */
export async function requireColumns(
  parts: ColumnParts,
  sourceId: string,
  streams: FlowStreams | null,
  before: FlowStreams | null,
  user: User,
): Promise<void> {
  if (streams === null || streams.everything) return
  const saved = before === null || before.everything ? [] : before.chosen
  const asked = streams.chosen.flatMap((choice, index) => {
    const isSaved = saved.some(
      ({ stream, columns }) => stream === choice.stream && isDeepStrictEqual(columns, choice.columns),
    )
    return isSaved || namesOf(choice).length === 0 ? [] : [{ choice, index }]
  })
  if (asked.length === 0) return
  await parts.rules.require(memberOf(user), 'collaborator', { kind: 'source', id: sourceId })
  const faults = await ifAsked(async () => faultsOf(parts, await parts.sources.find(sourceId), asked, user))
  if (faults !== null && faults.length > 0) throw invalidInput(faults)
}

/** The columns that a flow names of these streams and that a source does not have. */
export async function columnsLacking(
  parts: PreviewParts,
  side: SideView,
  streams: readonly FlowStream[],
  user: Pick<User, 'id'>,
): Promise<FieldFault[]> {
  const asked = [...streams.entries()].flatMap(([index, choice]) =>
    namesOf(choice).length === 0 ? [] : [{ choice, index }],
  )
  return asked.length === 0 ? [] : faultsOf(parts, side, asked, user)
}

function namesOf({ columns }: FlowStream): string[] {
  return [...new Set([...selectedColumns(columns), ...givenNames(columns).keys()])]
}

function faultsOf(
  parts: PreviewParts,
  side: SideView,
  asked: readonly { readonly choice: FlowStream; readonly index: number }[],
  user: Pick<User, 'id'>,
): Promise<FieldFault[]> {
  return withinLimit(async (signal) => {
    const { connector, credential } = await access(parts, 'source', side, user, signal)
    const stored = { ...side, config: storedConfig(connector, 'source', side.config) }
    const { config, around } = await fileOfSource(parts.files, connector, stored, user.id)
    return withSource(connector, config, credential, { signal, ...around }, async (source) => {
      const faults: FieldFault[] = []
      for (const { choice, index } of asked) {
        const reader = await source.open({ ...choice, columns: [] }, 'sample', signal)
        const there = new Set(reader.columns.map(({ name }) => name))
        await reader.close()
        for (const name of namesOf(choice).filter((each) => !there.has(each))) {
          const message = `${choice.stream} has no column ${name.slice(0, 100)}. Leave it out.`
          faults.push({ field: `streams.chosen.${index}.columns`, rule: 'unknown_column', message })
        }
      }
      return faults
    })
  })
}
