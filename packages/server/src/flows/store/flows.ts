import { type FlowListQuery, type FlowSort, LatchworkError } from '@latchwork/contract'
import { type RawBuilder, sql as sqlText } from 'kysely'
import type { ChangeOf, NewOf } from '../../database/codec.ts'
import type { Database } from '../../database/database.ts'
import { flow } from '../../database/flow-tables.ts'
import { matches } from '../../database/folding.ts'
import { equals, listPage, type Order, type PageOf } from '../../database/paging.ts'
import { refuseTakenName, violation } from '../../database/violations.ts'
import { type OwnerFilter, ownedBy, type Viewer, visibleTo } from '../../identity/store/viewing.ts'
import { changeSides } from './changing-sides.ts'
import { openFlowColumns } from './flow-columns.ts'
import { type FlowView, flowViews, recentRunsOf, toFlowViews } from './flow-views.ts'
import { runUnderWay } from './run-row.ts'
import { openSchedules } from './schedules.ts'
import { standsAs } from './standing.ts'
import { flowsBeside } from './written.ts'

export type { FlowRow, FlowView } from './flow-views.ts'

const orders: Readonly<Record<FlowSort, Order<'naturalName' | 'freshAt' | 'createdAt', 'id'>>> = {
  name: { name: 'name', table: 'flows', column: 'naturalName', id: 'id', holds: 'text', direction: 'asc' },
  freshAt: { name: 'fresh', table: 'flows', column: 'freshAt', id: 'id', holds: 'number', direction: 'asc' },
  '-createdAt': {
    ...{ name: 'created', table: 'flows', column: 'createdAt', id: 'id' },
    ...{ holds: 'number', direction: 'desc' },
  },
}

/** By name, where nothing is said. */
type FlowListRequest = Omit<FlowListQuery, 'sort'> & Partial<Pick<FlowListQuery, 'sort'>> & OwnerFilter

export function openFlowStore(database: Database) {
  const { sql, tables } = database
  const find = async (id: string): Promise<FlowView | null> => {
    const rows = await flowViews(tables.selectFrom('flows').where('flows.id', '=', id)).execute()
    const [view] = await toFlowViews(tables, rows)
    return view ?? null
  }
  return {
    ...openSchedules(database),
    ...openFlowColumns(database),
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

    list: ({ sort = 'name', ...query }: FlowListRequest, viewer: Viewer = null): Promise<PageOf<FlowView>> =>
      listPage(tables.selectFrom('flows'), {
        query,
        order: orders[sort],
        where: [
          matches(query.query, ['flows.searchName', 'flows.searchDescription']),
          visibleTo(viewer, 'flow', { id: 'flows.id', owner: 'flows.ownerId' }),
          ownedBy(query, 'flows.ownerId'),
          equals('flows.sourceId', query.sourceId),
          equals('flows.destinationId', query.destinationId),
          query.credentialId === undefined ? null : usesCredential(query.credentialId),
          standsAs(query),
        ],
        view: flowViews,
        toItems: (rows) => toFlowViews(tables, rows),
      }),

    beside: (asked: Parameters<typeof flowsBeside>[1]) => flowsBeside(database, asked),

    changeSides: (id: string, sides: Parameters<typeof changeSides>[2]) => changeSides(database, id, sides),

    /** The names of an owner's flows. */
    async namesOf(ownerId: string): Promise<string[]> {
      const rows = await tables.selectFrom('flows').select('name').where('ownerId', '=', ownerId).execute()
      return rows.map(({ name }) => name)
    },

    recentRuns: (flowIds: readonly string[]) => recentRunsOf(tables, flowIds),

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
        const active = await runUnderWay(transaction, id)
        if (active !== null) {
          throw new LatchworkError('run_active', {
            message: 'This flow is running. Cancel its run first.',
            blockers: [{ kind: 'run', id: active, name: active }],
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
