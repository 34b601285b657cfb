import type { Connector } from '@latchwork/connectors'
import { type Column, givenNames, selectedColumns } from '@latchwork/contract'
import type { PlannedColumns } from '@latchwork/sync'
import type { HeldStream } from '../../database/stream-tables.ts'
import { nextColumns } from '../columns.ts'
import type { FlowColumnStore } from '../store/flow-columns.ts'
import type { FlowView } from '../store/flows.ts'
import type { HeldRun } from '../store/held.ts'
import type { RunRow } from '../store/run-row.ts'
import { storedStream } from './replay-source.ts'

interface PlanningParts {
  readonly stores: { readonly flows: Pick<FlowColumnStore, 'columnsOf' | 'keepColumns'> }
  readonly connectors: ReadonlyMap<string, Connector>
}

/** Says what becomes of the columns of a run's streams. */
export type ColumnPlanner = (stream: string, columns: readonly Column[]) => Promise<PlannedColumns>

/** @param chosen what the run moves */
export function columnPlanner(
  { stores, connectors }: PlanningParts,
  run: HeldRun & Pick<RunRow, 'flowId' | 'replayOf'>,
  {
    source,
    destination,
    columnNames,
    streams,
  }: Pick<FlowView, 'source' | 'destination' | 'columnNames' | 'streams'>,
  chosen: () => readonly HeldStream[],
): ColumnPlanner {
  const definition = (connector: string) => connectors.get(connector)?.definition
  const made = definition(destination.connector)?.destination?.columns
  const typed = made === 'typed' && definition(source.connector)?.source?.columns === 'typed'
  // The records that were refused say nothing of what the source has.
  const isReplay = run.replayOf !== null
  return async (stream, columns) => {
    // What has no columns has no records, and says nothing of what it had.
    if (made === undefined || columns.length === 0) return { columns, notices: [], held: null }
    const stored = (await stores.flows.columnsOf(run.flowId)).get(storedStream(stream)) ?? []
    const choice = chosen().find((each) => each.stream === stream)
    const named = choice?.columns ?? []
    const next = nextColumns(stored, columns, {
      ...{ naming: columnNames, typed: typed && !isReplay },
      ...{ chosen: selectedColumns(named), given: givenNames(named) },
    })
    if (isReplay) return { ...next, notices: [] }
    const target = streams?.everything === true ? choice?.target : null
    await stores.flows.keepColumns(run, stream, next.stored, target ?? undefined)
    return next
  }
}
