import { type FlowListQuery, LatchworkError } from '@latchwork/contract'
import { type RawBuilder, type SelectQueryBuilder, sql as sqlText } from 'kysely'
import type { ChangeOf, NewOf, RowOf } from '../../database/codec.ts'
import type { Database } from '../../database/database.ts'
import { flow } from '../../database/flow-tables.ts'
import { matches } from '../../database/folding.ts'
import { equals, listPage, type Order, type PageOf } from '../../database/paging.ts'
import type { Tables } from '../../database/tables.ts'
import { refuseTakenName, violation } from '../../database/violations.ts'
import { nameOf, type OwnerFilter, ownedBy, type Viewer, visibleTo } from '../../identity/store/viewing.ts'
import { type RunView, runsOf } from './run-row.ts'
import { openSchedules } from './schedules.ts'

export type FlowRow = RowOf<typeof flow>

export interface FlowView extends FlowRow {
  readonly source: { id: string; name: string; connector: string }
  readonly destination: { id: string; name: string; connector: string }
  readonly lastRun: RunView | null
  readonly ownerName: string | null
}

const byName = {
  name: 'name',
  table: 'flows',
  column: 'nameKey',
  id: 'id',
  holds: 'text',
  direction: 'asc',
} as const satisfies Order

export function openFlowStore(database: Database) {
  const { sql, tables } = database
  const find = async (id: string): Promise<FlowView | null> => {
    const rows = await views(tables.selectFrom('flows').where('flows.id', '=', id)).execute()
    const [view] = await withLastRuns(tables, rows)
    return view ?? null
  }
  return {
    ...openSchedules(database),
    find,

    /** @throws LatchworkError `source_not_found`, `destination_not_found` */
    async insert(row: Omit<NewOf<typeof flow>, 'round'>): Promise<FlowView> {
      const times = { scheduledAt: sql.now, createdAt: sql.now, updatedAt: sql.now }
      const columns = { ...flow.toColumns({ ...row, round: 1 }), ...times }
      // A transaction of its own: what is missing is looked up after one that failed.
      const inserting = tables
        .transaction()
        .execute((transaction) => transaction.insertInto('flows').values(columns).execute())
      try {
        await refuseTakenName('flow', inserting)
      } catch (error) {
        if (violation(error) !== 'foreign_key') throw error
        const source = await tables
          .selectFrom('sides')
          .select('id')
          .where('id', '=', row.sourceId)
          .executeTakeFirst()
        throw new LatchworkError(source === undefined ? 'source_not_found' : 'destination_not_found')
      }
      const view = await find(row.id)
      if (view === null) throw new LatchworkError('conflict') // erased by another at once
      return view
    },

    list: (query: FlowListQuery & OwnerFilter, viewer: Viewer = null): Promise<PageOf<FlowView>> =>
      listPage(tables.selectFrom('flows'), {
        query,
        order: byName,
        where: [
          matches(query.query, ['flows.searchName', 'flows.searchDescription']),
          visibleTo(viewer, 'flow', { id: 'flows.id', owner: 'flows.ownerId' }),
          ownedBy(query, 'flows.ownerId'),
          equals('flows.sourceId', query.sourceId),
          equals('flows.destinationId', query.destinationId),
          query.credentialId === undefined ? null : usesCredential(query.credentialId),
        ],
        view: views,
        toItems: (rows) => withLastRuns(tables, rows),
      }),

    async update(id: string, change: ChangeOf<typeof flow>): Promise<FlowView | null> {
      const updating = tables
        .updateTable('flows')
        .set({
          ...flow.toChangedColumns(change),
          ...(change.nextRunAt === undefined ? {} : { scheduledAt: sql.now }),
          updatedAt: sql.now,
        })
        .where('id', '=', id)
        .execute()
      await refuseTakenName('flow', updating)
      return find(id)
    },

    /** With its runs. @throws LatchworkError `run_active` */
    async erase(id: string): Promise<boolean> {
      return tables.transaction().execute(async (transaction) => {
        // An insert of a run holds a lock on its flow, so after this wait the run is visible.
        await transaction
          .selectFrom('flows')
          .select('id')
          .where('id', '=', id)
          .modifyEnd(sql.forUpdate)
          .execute()
        const active = await transaction
          .selectFrom('runs')
          .select('id')
          .where('flowId', '=', id)
          .where('status', 'in', ['queued', 'running'])
          .executeTakeFirst()
        if (active !== undefined) {
          throw new LatchworkError('run_active', {
            message: 'This flow is running. Cancel its run first.',
            blockers: [{ kind: 'run', id: active.id, name: active.id }],
          })
        }
        const { numDeletedRows } = await transaction
          .deleteFrom('flows')
          .where('id', '=', id)
          .executeTakeFirst()
        await transaction.deleteFrom('resourceGrants').where('resourceId', '=', id).execute()
        await transaction.deleteFrom('alertConditions').where('name', 'like', `flow-%:${id}%`).execute()
        return numDeletedRows > 0n
      })
    },
  }
}

export type FlowStore = ReturnType<typeof openFlowStore>

function usesCredential(id: string): RawBuilder<boolean> {
  const sides = sqlText`(select id from sides where credential_id = ${id})`
  const [source, destination] = [sqlText.ref('flows.sourceId'), sqlText.ref('flows.destinationId')]
  return sqlText<boolean>`(${source} in ${sides} or ${destination} in ${sides})`
}

function views(flows: SelectQueryBuilder<Tables, 'flows', object>) {
  return flows
    .innerJoin('sides as source', 'source.id', 'flows.sourceId')
    .innerJoin('sides as destination', 'destination.id', 'flows.destinationId')
    .selectAll('flows')
    .select(nameOf('flows.ownerId').as('ownerName'))
    .select(['source.name as sourceName', 'source.connector as sourceConnector'])
    .select(['destination.name as destinationName', 'destination.connector as destinationConnector'])
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

type ViewRow = Awaited<ReturnType<ReturnType<typeof views>['executeTakeFirstOrThrow']>>

async function withLastRuns(tables: Database['tables'], rows: readonly ViewRow[]): Promise<FlowView[]> {
  const runs = await runsOf(
    tables,
    rows.flatMap((row) => row.lastRunId ?? []),
  )
  return rows.map((row) => ({
    ...flow.toRow(row),
    ownerName: row.ownerName,
    source: { id: row.sourceId, name: row.sourceName, connector: row.sourceConnector },
    destination: { id: row.destinationId, name: row.destinationName, connector: row.destinationConnector },
    lastRun: row.lastRunId === null ? null : (runs.get(row.lastRunId) ?? null),
  }))
}
