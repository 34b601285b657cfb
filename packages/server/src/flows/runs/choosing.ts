import type { Connector, Selection } from '@latchwork/connectors'
import {
  type FlowStream,
  LatchworkError,
  readOfAll,
  selectedColumns,
  targetOf,
  usualChoice,
} from '@latchwork/contract'
import type { ChosenStream, RunRequest } from '@latchwork/sync'
import type { HeldStream } from '../../database/stream-tables.ts'
import { storedConfig } from '../sides/form.ts'
import { connectorFor } from '../sides/sides.ts'
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
    readonly runs: Pick<RunStore, 'heldStreams' | 'holdStreams'>
    readonly records: Pick<RecordStore, 'streamsOfRefused'>
    readonly sides: Pick<SideStore, 'find'>
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
  run: HeldRun & Pick<RunRow, 'replayOf'>,
  { streams, sourceId }: Pick<FlowRow, 'streams' | 'sourceId'>,
  known: (streams: readonly HeldStream[]) => void,
): Promise<RunRequest['selections'] | LatchworkError> {
  const { runs } = parts.stores
  const before = await runs.heldStreams(run.id)
  if (before !== null) {
    known(before)
    return before.map(toMove)
  }
  const hold = async (chosen: readonly HeldStream[]): Promise<readonly ChosenStream[]> => {
    await writtenDown(runs.holdStreams(run, chosen))
    known(chosen)
    return chosen.map(toMove)
  }
  if (run.replayOf !== null) return hold(await replayedStreams(parts.stores, run.id, run.replayOf))
  if (streams?.everything === true) {
    return async (source) => {
      const offered = await source.streams()
      const read = readOfAll(offered, streams.sameRecords)
      return hold(read.map((each) => ofEverything(usualChoice(each, streams.deletions))))
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

function toMove(held: HeldStream): ChosenStream {
  return { ...held, columns: selectedColumns(held.columns) }
}

/** The names of all of them come from the source, also of one alone. */
function ofEverything(choice: FlowStream): HeldStream {
  return { ...choice, target: choice.stream, skippable: true }
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
