import {
  type DayRange,
  type FlowStreams,
  invalidField,
  LatchworkError,
  type RunScope,
  readingOf,
  type StreamStand,
  streamLabel,
} from '@latchwork/contract'
import type { Sides } from './sides/sides.ts'
import { isOf } from './store/flow-states.ts'
import type { FlowView } from './store/flows.ts'
import type { RunStore } from './store/runs.ts'

/* Runs of a part of what a flow reads, and what the streams of a flow stand at between them. */

interface Parts {
  readonly stores: { readonly runs: Pick<RunStore, 'statesOf' | 'placeOf' | 'lastChosen'> }
}

/**
 * The streams of a flow. Of one that reads everything, or what its source's form says, those of its last run: the account
 * is not asked.
 */
export async function standsOf(
  { stores: { runs } }: Parts,
  { id, streams }: Pick<FlowView, 'id' | 'streams'>,
): Promise<StreamStand[]> {
  const chosen = streams !== null && !streams.everything ? streams.chosen : await runs.lastChosen(id)
  const [states, place] = [await runs.statesOf(id), await runs.placeOf(id)]
  return chosen.map((choice): StreamStand => {
    const { stream, mode } = choice
    const reading = streams === null ? choice : readingOf(streams, stream, choice.target ?? stream)
    const madeWith = states.get(stream)
    const goesOn =
      madeWith !== undefined && reading !== null && isOf(madeWith, madeWith && { ...reading, place })
    const next = mode === 'incremental' && goesOn ? 'changes' : 'everything'
    return { stream, label: streamLabel(choice), mode, next }
  })
}

/**
 * What a run is asked for that moves some streams; null: all that its flow reads.
 * @throws {LatchworkError} `invalid_input` for a stream that is none of the flow's
 */
export function scopeOf(
  { streams }: Pick<FlowView, 'streams'>,
  asked: { readonly streams?: readonly string[] | undefined; readonly gone?: boolean },
): RunScope | null {
  const { gone = false } = asked
  const names = asked.streams === undefined ? null : [...new Set(asked.streams)]
  if (names !== null) requireKnown(streams, names, 'streams')
  const isAll =
    names === null ||
    (streams !== null && !streams.everything && names.length === streams.chosen.length && !gone)
  if (isAll && !gone) return null
  return { streams: names, range: null, gone }
}

/**
 * What a backfill is asked for.
 * @throws {LatchworkError} `backfill_unsupported`, `invalid_input`
 */
export async function backfillOf(
  destinations: Pick<Sides, 'takesSingleRecords' | 'madeAgain'>,
  { streams, destinationId }: Pick<FlowView, 'streams' | 'destinationId'>,
  stream: string,
  range: DayRange,
): Promise<RunScope> {
  requireKnown(streams, [stream], 'stream')
  const again = await destinations.madeAgain(destinationId)
  // What can be read by date has a key.
  const isKeyed = again === null || again.unlessKeyed
  if (!isKeyed || !(await destinations.takesSingleRecords(destinationId)))
    throw new LatchworkError('backfill_unsupported')
  return { streams: [stream], range, gone: false }
}

/** What an account offers is asked for when the run begins. */
function requireKnown(streams: FlowStreams | null, names: readonly string[], field: string): void {
  if (streams?.everything === true) return
  const known = new Set((streams?.chosen ?? []).map(({ stream }) => stream))
  const unknown = names.find((name) => !known.has(name))
  if (unknown === undefined) return
  const why = streams === null ? 'is chosen by the form of its source alone' : 'is none that the flow reads'
  throw invalidField(field, 'unknown_stream', `${unknown} ${why}`)
}
