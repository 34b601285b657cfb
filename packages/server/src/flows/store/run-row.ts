import type { RowOf } from '../../database/codec.ts'
import type { Database } from '../../database/database.ts'
import { run, runState } from '../../database/flow-tables.ts'

/** The part of a run that is shown. */
export interface RunView extends RowOf<typeof run> {
  readonly flowName: string
  /** Refused records that are still kept, and how many of them whole. */
  readonly inQuarantine: number
  readonly replayable: number
}

export interface RunRow extends RunView, RowOf<typeof runState> {}

type Tables = Database['tables']

/** The states of a run that has not ended. */
export const unfinished = ['queued', 'running'] as const

/** The id of the flow's run that has not ended; null: there is none. */
export async function runUnderWay(tables: Tables, flowId: string): Promise<string | null> {
  const found = await tables
    .selectFrom('runs')
    .select('id')
    .where('flowId', '=', flowId)
    .where('status', 'in', unfinished)
    .executeTakeFirst()
  return found?.id ?? null
}

/** Runs with their flows' names. */
export function runViews(tables: Tables) {
  return tables
    .selectFrom('runs')
    .innerJoin('flows', 'flows.id', 'runs.flowId')
    .selectAll('runs')
    .select('flows.name as flowName')
    .select((eb) => {
      const retained = eb.selectFrom('refusedRecords').whereRef('refusedRecords.runId', '=', 'runs.id')
      return [
        retained.select((count) => count.fn.countAll<number>().as('rows')).as('inQuarantine'),
        retained
          .where('refusedRecords.whole', '=', 1)
          .select((count) => count.fn.countAll<number>().as('whole'))
          .as('replayable'),
      ]
    })
}

type Found = Awaited<ReturnType<ReturnType<typeof runViews>['executeTakeFirstOrThrow']>>

/** By id. */
export async function runsOf(tables: Tables, ids: readonly string[]): Promise<ReadonlyMap<string, RunView>> {
  if (ids.length === 0) return new Map()
  const rows = await runViews(tables).where('runs.id', 'in', ids).execute()
  return new Map(rows.map((row) => [row.id, toRunView(row)]))
}

export function toRunView(row: Found): RunView {
  const { flowName, inQuarantine, replayable } = row
  return {
    ...run.toRow(row),
    flowName,
    inQuarantine: Number(inQuarantine ?? 0),
    replayable: Number(replayable ?? 0),
  }
}

export function toRunRow(row: Found): RunRow {
  return { ...toRunView(row), ...runState.toRow(row) }
}
