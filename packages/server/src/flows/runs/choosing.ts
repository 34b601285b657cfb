import { isDeepStrictEqual } from 'node:util'
import type { Connector, Selection } from '@latchwork/connectors'
import {
  type Comparison,
  comparisonMs,
  LatchworkError,
  momentsOf,
  type RunScope,
  readOfAll,
  selectedColumns,
  streamTargets,
  targetOf,
  usualChoice,
} from '@latchwork/contract'
import type { ChosenStream, RunRequest } from '@latchwork/sync'
import type { HeldStream } from '../../database/stream-tables.ts'
import { storedConfig } from '../sides/form.ts'
import { connectorFor } from '../sides/sides.ts'
import type { FlowColumnStore } from '../store/flow-columns.ts'
import type { FlowRow } from '../store/flows.ts'
import type { HeldRun } from '../store/held.ts'
import type { RecordStore } from '../store/run-records.ts'
import type { RunRow } from '../store/run-row.ts'
import type { RunStore } from '../store/runs.ts'
import type { SideStore } from '../store/sides.ts'
import { writtenDown } from './journal.ts'
import { replayedStreams } from './replay-source.ts'

interface ChoosingParts {
  readonly stores: {
    readonly runs: Pick<RunStore, 'heldStreams' | 'holdStreams' | 'lastChosen'>
    readonly records: Pick<RecordStore, 'streamsOfRefused'>
    readonly sides: Pick<SideStore, 'find'>
    readonly flows: Pick<FlowColumnStore, 'targetsOf'>
  }
  readonly connectors: ReadonlyMap<string, Connector>
}

/**
 * What a run moves: what it held when it began, or else what its flow reads now, which it holds from here on.
 * @param held told of the streams as soon as they are known
 * @returns an error where it can't be told: the source's form does not fit this version, or names nothing
 */
export async function streamsOfRun(
  parts: ChoosingParts,
  run: HeldRun & Pick<RunRow, 'flowId' | 'replayOf' | 'scope'>,
  { streams, sourceId, compare }: Pick<FlowRow, 'streams' | 'sourceId' | 'compare'>,
  known: (streams: readonly HeldStream[]) => void,
): Promise<RunRequest['selections'] | LatchworkError> {
  const { runs } = parts.stores
  const before = await runs.heldStreams(run.id)
  if (before !== null) {
    known(before)
    return before.map(toMove)
  }
  const last = run.replayOf === null ? await runs.lastChosen(run.flowId) : []
  const hold = async (all: readonly HeldStream[]): Promise<readonly ChosenStream[]> => {
    const chosen = run.replayOf === null ? within(run.scope, all.map(withOtherFilter(last)), compare) : all
    await writtenDown(runs.holdStreams(run, chosen))
    known(chosen)
    return chosen.map(toMove)
  }
  if (run.replayOf !== null) return hold(await replayedStreams(parts.stores, run.id, run.replayOf))
  if (streams?.everything === true) {
    return async (source) => {
      const offered = await source.streams()
      const read = readOfAll(offered, streams.sameRecords)
      const names = new Set(offered.map(({ name }) => name))
      // What was read before and is not offered any more is told, with the reason.
      const gone = last
        .filter(({ stream }) => !names.has(stream))
        .map(({ stream, label, mode }) => ({ name: stream, label, modes: [mode] }))
      const targets = streamTargets(offered, await targetsBefore(parts, run.flowId, last), streams)
      return hold(
        [...read, ...gone].map((each) => ({
          ...usualChoice(each, streams.deletions, streams),
          ...{ target: targets.get(each.name) ?? each.name, skippable: true },
        })),
      )
    }
  }
  if (streams !== null) {
    const { chosen } = streams
    const count = chosen.length
    return hold(chosen.map((choice) => ({ ...choice, target: targetOf(choice, count), skippable: false })))
  }
  const named = await ofForm(parts, sourceId)
  return named instanceof LatchworkError ? named : hold(named.map(asNamed))
}

/**
 * What the run was asked for, of all that its flow reads.
 * @throws LatchworkError `stream_unavailable` for a stream that the account does not offer
 */
function within(scope: RunScope | null, all: readonly HeldStream[], compare: Comparison): HeldStream[] {
  const { streams = null, range = null, gone = false } = scope ?? {}
  const missing = streams?.find((name) => all.every(({ stream }) => stream !== name))
  if (missing !== undefined) {
    throw new LatchworkError('stream_unavailable', { message: `The source does not offer ${missing}.` })
  }
  return all
    .filter(({ stream }) => streams === null || streams.includes(stream))
    .map((each) => ({
      ...each,
      compareAfterMs: comparisonMs[compare],
      ...(streams !== null && { skippable: false }),
      ...(range !== null && { range: momentsOf(range) }),
      ...(gone && { acceptsGone: true }),
    }))
}

/** Whether a stream is filtered by something else than in the last run: somebody has said what is to go. */
const withOtherFilter =
  (last: readonly HeldStream[]) =>
  (choice: HeldStream): HeldStream => {
    const before = last.find(({ stream }) => stream === choice.stream)
    const isOther = before !== undefined && !isDeepStrictEqual(before.parameters, choice.parameters)
    return isOther ? { ...choice, otherFilter: true } : choice
  }

function toMove(held: HeldStream): ChosenStream {
  return { ...held, columns: selectedColumns(held.columns) }
}

/** What the streams of a flow that reads everything were called, also by a run that came to no columns. */
async function targetsBefore(
  { stores }: ChoosingParts,
  flowId: string,
  last: readonly HeldStream[],
): Promise<ReadonlyMap<string, string>> {
  const held = last.flatMap(({ stream, target }): [string, string][] =>
    target === null ? [] : [[stream, target]],
  )
  return new Map([...held, ...(await stores.flows.targetsOf(flowId))])
}

/** As the flows of before: nothing is chosen but by the forms of both sides. */
function asNamed({ stream, mode, columns, parameters }: Selection): HeldStream {
  return {
    ...{ stream, label: '', mode, columns: [...columns], parameters: { ...parameters } },
    ...{ target: null, deletions: 'leave', skippable: false },
  }
}

async function ofForm(
  { stores, connectors }: ChoosingParts,
  sourceId: string,
): Promise<readonly Selection[] | LatchworkError> {
  const side = await stores.sides.find(sourceId)
  if (side === null) throw new LatchworkError('source_not_found')
  try {
    const connector = connectorFor(connectors, 'source', side.connector)
    const named = connector.selectionsOf?.(storedConfig(connector, 'source', side.config)) ?? []
    return named.length === 0 ? new LatchworkError('streams_not_chosen') : named
  } catch (error) {
    if (error instanceof LatchworkError) return error
    throw error
  }
}
