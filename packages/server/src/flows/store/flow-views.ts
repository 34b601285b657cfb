import { type AttentionKind, attentionKinds, runStatusSchema, stripLength } from '@latchwork/contract'
import { type SelectQueryBuilder, sql as sqlText } from 'kysely'
import { z } from 'zod'
import type { RowOf } from '../../database/codec.ts'
import { nullable, oneOf } from '../../database/columns.ts'
import type { Database } from '../../database/database.ts'
import { flow, type run } from '../../database/flow-tables.ts'
import type { Tables } from '../../database/tables.ts'
import { nameOf } from '../../identity/store/viewing.ts'
import { type RunView, runsOf } from './run-row.ts'
import { attention, lastEndedId, lateSince } from './standing.ts'

export type FlowRow = RowOf<typeof flow>
export type StripRow = Pick<RowOf<typeof run>, 'id' | 'status' | 'recordsWritten' | 'createdAt'>

interface FlowSide {
  readonly id: string
  readonly name: string
  readonly connector: string
}

/** A credential that its system refuses. */
export interface FailedCredential {
  readonly id: string
  readonly name: string
  readonly connector: string
  readonly method: string
}

export interface FlowView extends FlowRow {
  readonly source: FlowSide
  readonly destination: FlowSide
  readonly lastRun: RunView | null
  readonly ownerName: string | null
  /** Null: it needs nobody. */
  readonly attention: AttentionKind | null
  /** The last full run that ended. */
  readonly lastEnded: RunView | null
  readonly lateSince: number | null
  /** Of its sides. */
  readonly failedCredentials: readonly FailedCredential[]
}

const attentionColumn = nullable(oneOf(z.enum(attentionKinds)))
const statusColumn = oneOf(runStatusSchema)

export function flowViews(flows: SelectQueryBuilder<Tables, 'flows', object>) {
  return flows
    .innerJoin('sides as source', 'source.id', 'flows.sourceId')
    .innerJoin('sides as destination', 'destination.id', 'flows.destinationId')
    .selectAll('flows')
    .select(nameOf('flows.ownerId').as('ownerName'))
    .select(['source.name as sourceName', 'source.connector as sourceConnector'])
    .select(['destination.name as destinationName', 'destination.connector as destinationConnector'])
    .select(['source.credentialId as readThrough', 'destination.credentialId as writtenThrough'])
    .select([attention.as('attention'), lastEndedId.as('lastEndedId'), lateSince.as('lateSince')])
    .select((eb) =>
      eb
        .selectFrom('runs')
        .select('runs.id')
        .whereRef('runs.flowId', '=', 'flows.id')
        .orderBy('runs.createdAt', 'desc')
        .orderBy('runs.id', 'desc')
        .limit(1)
        .as('lastRunId'),
    )
}

type ViewRow = Awaited<ReturnType<ReturnType<typeof flowViews>['executeTakeFirstOrThrow']>>

/** Two queries more, however many flows there are. */
export async function toFlowViews(tables: Database['tables'], rows: readonly ViewRow[]): Promise<FlowView[]> {
  const runs = await runsOf(tables, [
    ...new Set(
      rows.flatMap(({ lastRunId, lastEndedId: endedId }) => [lastRunId ?? [], endedId ?? []].flat()),
    ),
  ])
  const failed = await failedCredentials(
    tables,
    rows.flatMap((row) =>
      row.attention === null ? [] : [row.readThrough ?? [], row.writtenThrough ?? []].flat(),
    ),
  )
  const runOf = (id: string | null) => (id === null ? null : (runs.get(id) ?? null))
  return rows.map((row) => ({
    ...flow.toRow(row),
    ownerName: row.ownerName,
    source: { id: row.sourceId, name: row.sourceName, connector: row.sourceConnector },
    destination: { id: row.destinationId, name: row.destinationName, connector: row.destinationConnector },
    lastRun: runOf(row.lastRunId),
    attention: attentionColumn.read(row.attention, 'flows.attention'),
    lastEnded: runOf(row.lastEndedId),
    lateSince: row.lateSince,
    failedCredentials: failed.filter(({ id }) => id === row.readThrough || id === row.writtenThrough),
  }))
}

async function failedCredentials(
  tables: Database['tables'],
  ids: readonly string[],
): Promise<FailedCredential[]> {
  if (ids.length === 0) return []
  return tables
    .selectFrom('credentials')
    .select(['id', 'name', 'connector', 'method'])
    .where('id', 'in', [...new Set(ids)])
    .where('status', '=', 'failed')
    .where('deletedAt', 'is', null)
    .execute()
}

/**
 * The last full runs of flows, the newest first. Of a flow with very many runs only those at the end of the index are
 * read: from the tenth last one on.
 */
export async function recentRunsOf(
  tables: Database['tables'],
  flowIds: readonly string[],
): Promise<ReadonlyMap<string, readonly StripRow[]>> {
  if (flowIds.length === 0) return new Map()
  const first = sqlText<number>`coalesce((
    select earlier.created_at from runs as earlier
    where earlier.flow_id = flows.id and earlier.replay_of is null
    order by earlier.created_at desc, earlier.id desc limit 1 offset ${stripLength - 1}), 0)`
  const rows = await tables
    .selectFrom('flows')
    .innerJoin('runs', (join) =>
      join.onRef('runs.flowId', '=', 'flows.id').on(sqlText<boolean>`runs.created_at >= ${first}`),
    )
    .select(['flows.id as flowId', 'runs.id', 'runs.status', 'runs.recordsWritten', 'runs.createdAt'])
    .where('flows.id', 'in', flowIds)
    .where('runs.replayOf', 'is', null)
    .orderBy('runs.createdAt', 'desc')
    .orderBy('runs.id', 'desc')
    .execute()
  const found = Map.groupBy(rows, ({ flowId }) => flowId)
  return new Map(
    [...found].map(([flowId, runs]) => [flowId, runs.slice(0, stripLength).map(toStripRow)] as const),
  )
}

function toStripRow(row: {
  readonly id: string
  readonly status: string
  readonly recordsWritten: number
  readonly createdAt: number
}): StripRow {
  const { id, recordsWritten, createdAt } = row
  return { id, status: statusColumn.read(row.status, 'runs.status'), recordsWritten, createdAt }
}
