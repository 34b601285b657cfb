import { LatchworkError } from '@latchwork/contract'
import type { SelectQueryBuilder } from 'kysely'
import type { ChangeOf, NewOf, RowOf } from '../../database/codec.ts'
import type { Database } from '../../database/database.ts'
import { side } from '../../database/flow-tables.ts'
import { matches } from '../../database/folding.ts'
import { listPage, type Order, type PageOf, type PageQuery } from '../../database/paging.ts'
import type { Tables } from '../../database/tables.ts'
import { refuseTakenName, violation } from '../../database/violations.ts'
import { nameOf, type OwnerFilter, ownedBy, type Viewer, visibleTo } from '../../identity/store/viewing.ts'

export type SideRow = RowOf<typeof side>
export type SideKind = SideRow['kind']

export interface SideView extends SideRow {
  /** Null also for a deleted credential. */
  readonly credentialName: string | null
  readonly flowCount: number
  readonly ownerName: string | null
}

const byName = {
  name: 'name',
  table: 'sides',
  column: 'sortName',
  id: 'id',
  holds: 'text',
  direction: 'asc',
} as const satisfies Order

export function openSideStore(database: Database) {
  const { sql, tables } = database
  const find = async (id: string): Promise<SideView | null> => {
    const row = await views(tables.selectFrom('sides').where('sides.id', '=', id)).executeTakeFirst()
    return row === undefined ? null : toView(row)
  }
  return {
    find,

    /** All sources and destinations that use a credential. */
    async ofCredential(credentialId: string): Promise<SideView[]> {
      const used = tables.selectFrom('sides').where('sides.credentialId', '=', credentialId)
      return (await views(used).orderBy('sides.sortName').execute()).map(toView)
    },

    /** @throws LatchworkError `credential_not_found`, and like `update` `name_taken`: unique among an owner's sources, or destinations */
    async insert(row: NewOf<typeof side>): Promise<SideView> {
      const inserting = tables.transaction().execute(async (transaction) => {
        await holdCredential(database, transaction, row.credentialId)
        await transaction
          .insertInto('sides')
          .values({ ...side.toColumns(row), createdAt: sql.now, updatedAt: sql.now })
          .execute()
      })
      await refuseTakenName(wordFor(row.kind), inserting)
      const view = await find(row.id)
      if (view === null) throw new LatchworkError('conflict') // erased by another at once
      return view
    },

    list: (
      kind: SideKind,
      query: PageQuery & OwnerFilter,
      viewer: Viewer = null,
    ): Promise<PageOf<SideView>> =>
      listPage(tables.selectFrom('sides').where('sides.kind', '=', kind), {
        query,
        order: byName,
        where: [
          matches(query.query, ['sides.searchName', 'sides.searchDescription']),
          visibleTo(viewer, kind, { id: 'sides.id', owner: 'sides.ownerId' }),
          ownedBy(query, 'sides.ownerId'),
        ],
        view: views,
        toItems: (rows) => rows.map(toView),
      }),

    async update(id: string, change: ChangeOf<typeof side>): Promise<SideView | null> {
      const updating = tables.transaction().execute(async (transaction) => {
        await holdCredential(database, transaction, change.credentialId ?? null)
        return transaction
          .updateTable('sides')
          .set({ ...side.toChangedColumns(change), updatedAt: sql.now })
          .where('id', '=', id)
          .execute()
      })
      await refuseTakenName('data source or destination', updating)
      return find(id)
    },

    /** @throws LatchworkError `source_in_use` or `destination_in_use` with the flows as blockers */
    async erase(id: string): Promise<boolean> {
      try {
        // A transaction of its own: inside the unit the refusal would end the unit, and the users could not be queried.
        return await tables.transaction().execute(async (transaction) => {
          const erased = await transaction.deleteFrom('sides').where('id', '=', id).executeTakeFirst()
          await transaction.deleteFrom('resourceGrants').where('resourceId', '=', id).execute()
          return erased.numDeletedRows > 0n
        })
      } catch (error) {
        if (violation(error) !== 'foreign_key') throw error
        throw await inUse(tables, id)
      }
    },

    async touch(id: string): Promise<void> {
      await tables.updateTable('sides').set({ lastUsedAt: sql.now }).where('id', '=', id).execute()
    },
  }
}

export type SideStore = ReturnType<typeof openSideStore>

function wordFor(kind: SideKind): string {
  return `data ${kind}`
}

function views(sides: SelectQueryBuilder<Tables, 'sides', object>) {
  return sides
    .leftJoin('credentials', (join) =>
      join.onRef('credentials.id', '=', 'sides.credentialId').on('credentials.deletedAt', 'is', null),
    )
    .selectAll('sides')
    .select(['credentials.name as credentialName', nameOf('sides.ownerId').as('ownerName')])
    .select((eb) =>
      eb
        .selectFrom('flows')
        .where((flow) =>
          flow.or([
            flow('flows.sourceId', '=', flow.ref('sides.id')),
            flow('flows.destinationId', '=', flow.ref('sides.id')),
          ]),
        )
        .select((flow) => flow.fn.countAll<number>().as('count'))
        .as('flowCount'),
    )
}

type ViewRow = Awaited<ReturnType<ReturnType<typeof views>['executeTakeFirstOrThrow']>>

function toView({ credentialName, ownerName, flowCount, ...row }: ViewRow): SideView {
  return { ...side.toRow(row), credentialName, ownerName, flowCount: flowCount ?? 0 }
}

/** Keeps the credential from being deleted until the transaction ends. */
async function holdCredential(
  { sql }: Database,
  transaction: Database['tables'],
  id: string | null,
): Promise<void> {
  if (id === null) return
  const row = await transaction
    .selectFrom('credentials')
    .select('id')
    .where('id', '=', id)
    .where('deletedAt', 'is', null)
    .modifyEnd(sql.forShare)
    .executeTakeFirst()
  if (row === undefined) throw new LatchworkError('credential_not_found')
}

async function inUse(tables: Database['tables'], id: string): Promise<LatchworkError> {
  const found = await tables.selectFrom('sides').select('kind').where('id', '=', id).executeTakeFirst()
  const flows = await tables
    .selectFrom('flows')
    .select(['id', 'name'])
    .where((eb) => eb.or([eb('sourceId', '=', id), eb('destinationId', '=', id)]))
    .orderBy('sortName')
    .execute()
  return new LatchworkError(found?.kind === 'source' ? 'source_in_use' : 'destination_in_use', {
    blockers: flows.map((flow) => ({ kind: 'flow', ...flow })),
  })
}
