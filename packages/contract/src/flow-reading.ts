import { selectedColumns } from './flow-columns.ts'
import { namesInSentence } from './flow-scope.ts'
import { type FlowStream, type FlowStreams, streamLabel, targetOf } from './flow-streams.ts'

/* What a stream's state was made with, and when the stream can go on from it. */

/** What decides which records and values of a stream there are in its place. */
export type StreamReading = Pick<FlowStream, 'columns' | 'parameters' | 'target' | 'deletions' | 'lists'>

/** @param target what it is called in the destination, where the flow does not say it */
export function readingOf(streams: FlowStreams, stream: string, target = stream): StreamReading | null {
  if (streams.everything) {
    const { everything: _, sameRecords: __, ...same } = streams
    return { columns: [], parameters: {}, target, ...same }
  }
  const choice = streams.chosen.find((each) => each.stream === stream)
  return choice === undefined ? null : { ...choice, target: targetOf(choice, streams.chosen.length) }
}

/**
 * Whether a stream goes on from what was read before. Otherwise it is read whole: what another filter, a further column,
 * another place or deletions that nobody followed have left out would be missing for ever.
 */
export function goesOnFrom(before: StreamReading, now: StreamReading): boolean {
  if (before.deletions === 'leave' && now.deletions !== 'leave') return false
  // What is marked already is to go, too.
  if (before.deletions === 'mark' && now.deletions === 'remove') return false
  if (before.target !== now.target || before.lists !== now.lists) return false
  if (textOf(before.parameters) !== textOf(now.parameters)) return false
  // What columns are called changes nothing of what is in them.
  const [had, has] = [selectedColumns(before.columns), selectedColumns(now.columns)]
  if (had.length === 0) return true
  return has.length > 0 && has.every((name) => had.includes(name))
}

/** The streams that the next run reads whole because of a changed choice, though they were known already. */
export function rereadStreams(before: FlowStreams | null, after: FlowStreams | null): FlowStream[] {
  if (before === null || after === null || after.everything) return []
  return after.chosen.filter((choice) => {
    const [had, has] = [readingOf(before, choice.stream), readingOf(after, choice.stream)]
    const isKnown = choice.mode === 'incremental' && had !== null && has !== null
    return isKnown && !goesOnFrom(had, has)
  })
}

/** What a changed choice leads to, said before it is saved. @param reread not empty */
export function rereadSentence(reread: readonly FlowStream[]): string {
  const names = namesInSentence(reread.map(streamLabel))
  const [are, their] = reread.length === 1 ? ['is', 'its'] : ['are', 'their']
  return `${names} ${are} read whole at the next run, because ${their} filter, columns, lists, name or deletions changed. What the destination has and does not come any more is treated as deleted.`
}

/** Equal for equal values, in whatever order their members stand. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
}
