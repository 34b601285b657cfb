import { isDeepStrictEqual } from 'node:util'
import {
  type FlowStream,
  type FlowStreams,
  LatchworkError,
  selectedColumns,
  targetOf,
} from '@latchwork/contract'
import { invalidInput } from '../http/input.ts'
import type { Sides } from './sides/sides.ts'

/**
 * Requires that a flow says what it reads, and that its destination can take that.
 * @throws {LatchworkError} `streams_not_chosen`, `invalid_input`
 */
export async function requireStreams(
  {
    sources,
    destinations,
  }: { readonly sources: Pick<Sides, 'namesStreams'>; readonly destinations: Pick<Sides, 'takesOneStream'> },
  flow: { readonly sourceId: string; readonly destinationId: string; readonly streams: FlowStreams | null },
): Promise<void> {
  const { streams } = flow
  if (streams === null) {
    if (await sources.namesStreams(flow.sourceId)) return
    const { message } = new LatchworkError('streams_not_chosen')
    throw new LatchworkError('streams_not_chosen', {
      errors: [{ field: 'streams', rule: 'required', message }],
    })
  }
  const isOne = !streams.everything && streams.chosen.length === 1
  if (isOne || !(await destinations.takesOneStream(flow.destinationId))) return
  const message =
    'This destination takes one stream: its form says what becomes of the records. Choose one, and make a flow for each of the others.'
  throw invalidInput([{ field: 'streams', rule: 'one_stream', message }])
}

/**
 * Streams that a changed flow reads and writes as before, so that they go on where its last run ended. All others begin at
 * the start: what was left out before would be missing for ever. Null: nothing of it has changed.
 */
export function readAsBefore(before: FlowStreams | null, after: FlowStreams | null): string[] | null {
  if (before?.everything === true && after?.everything === true) return null
  if (before === null || after === null) return []
  const named = after.everything ? before : after
  const other = after.everything ? after : before
  if (named.everything) return []
  return named.chosen
    .map(({ stream }) => stream)
    .filter((stream) => isDeepStrictEqual(readingOf(named, stream), readingOf(other, stream)))
}

/** What decides which records there are in the destination, and under which name. */
function readingOf(streams: FlowStreams, stream: string) {
  if (streams.everything) return { columns: [], parameters: {}, target: stream }
  const choice = streams.chosen.find((each: FlowStream) => each.stream === stream)
  if (choice === undefined) return null
  const { columns, parameters } = choice
  // What columns are called changes nothing of what is in them.
  return { columns: selectedColumns(columns), parameters, target: targetOf(choice, streams.chosen.length) }
}
