import {
  type CredentialStatus,
  credentialStatusSchema,
  type Identity,
  identitySchema,
  LatchworkError,
  type PassFilter,
} from '@latchwork/contract'
import { type SelectQueryBuilder, sql as sqlText } from 'kysely'
import type { ChangeOf, NewOf, RowOf } from '../../database/codec.ts'
import { json, nullable, oneOf } from '../../database/columns.ts'
import type { Database, Sql } from '../../database/database.ts'
import { matches } from '../../database/folding.ts'
import { listPage, type Order, type PageOf, type PageQuery } from '../../database/paging.ts'
import { pass } from '../../database/pass-tables.ts'
import { prepared } from '../../database/prepared.ts'
import type { Tables } from '../../database/tables.ts'
import { refuseTakenName } from '../../database/violations.ts'
import { nameOf, type OwnerFilter, ownedBy, type Viewer, visibleTo } from '../../identity/store/viewing.ts'
import { refuseBeyondShare } from '../../shares/holding.ts'
import { endsSoon, hasStatus } from './pass-status.ts'

export type PassRow = RowOf<typeof pass>

export interface PassView extends PassRow {
  /** Empty for an owner who was removed. */
  readonly ownerName: string
  /** Of its credential; null where it was deleted. */
  readonly credentialName: string | null
  readonly credentialStatus: CredentialStatus | null
  readonly credentialReason: string | null
  readonly credentialIdentity: Identity | null
  readonly waitingWrites: number
}

const byName = {
  name: 'name',
  table: 'passes',
  column: 'sortName',
  id: 'id',
  holds: 'text',
  direction: 'asc',
} as const satisfies Order

/** A use is stored at most this often. */
const touchEveryMs = 10_000

export function openPassStore(database: Database) {
  const { sql, tables } = database
  const byToken = prepared(
    tables,
    () => '',
    ([hash = '']) =>
      tables
        .selectFrom('passes')
        .selectAll()
        .where((eb) =>
          eb.or([
            eb('tokenHash', '=', hash),
            eb.and([eb('oldTokenHash', '=', hash), eb('oldTokenUntil', '>', sql.now)]),
          ]),
        ),
  )
  const find = async (id: string): Promise<PassView | null> => {
    const row = await views(sql)(tables.selectFrom('passes').where('passes.id', '=', id)).executeTakeFirst()
    return row === undefined ? null : toView(row)
  }
  return {
    find,

    /** @throws LatchworkError `name_taken`, `share_full`, `credential_not_found` */
    async insert(row: NewOf<typeof pass>): Promise<PassView> {
      const inserting = tables.transaction().execute(async (transaction) => {
        const held = transaction
          .selectFrom('passes')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('ownerId', '=', row.ownerId)
        await refuseBeyondShare(database, transaction, row.ownerId, 'passes', () =>
          held.executeTakeFirstOrThrow(),
        )
        // Locked, so that a credential that is deleted at the same time has no pass that it did not know of.
        const there = await transaction
          .selectFrom('credentials')
          .select('id')
          .where('id', '=', row.credentialId)
          .where('deletedAt', 'is', null)
          .modifyEnd(sql.forShare)
          .executeTakeFirst()
        if (there === undefined) throw new LatchworkError('credential_not_found')
        await transaction
          .insertInto('passes')
          .values({ ...pass.toColumns(row), createdAt: sql.now, updatedAt: sql.now })
          .execute()
      })
      await refuseTakenName('pass', inserting)
      const view = await find(row.id)
      if (view === null) throw new LatchworkError('conflict') // erased by another at once
      return view
    },

    /** By the present token, or by the one before it while it still works by the database's clock. */
    async findByToken(hash: string): Promise<PassRow | null> {
      const [row] = await byToken([hash], null)
      return row === undefined ? null : pass.toRow(row)
    },

    list: (
      query: PageQuery &
        OwnerFilter & {
          readonly credential?: string | undefined
          readonly status?: PassFilter | undefined
        },
      viewer: Viewer = null,
    ): Promise<PageOf<PassView>> =>
      listPage(tables.selectFrom('passes'), {
        query,
        order: byName,
        where: [
          matches(query.query, ['passes.searchName', 'passes.searchDescription']),
          query.credential === undefined
            ? null
            : sqlText<boolean>`${sqlText.ref('passes.credentialId')} = ${query.credential}`,
          visibleTo(viewer, 'pass', { id: 'passes.id', owner: 'passes.ownerId' }),
          ownedBy(query, 'passes.ownerId'),
          query.status === undefined ? null : hasStatus(sql, query.status),
        ],
        view: views(sql),
        toItems: (rows) => rows.map(toView),
      }),

    /** @throws LatchworkError `name_taken` */
    async update(id: string, change: ChangeOf<typeof pass>): Promise<PassView | null> {
      const updating = tables
        .updateTable('passes')
        .set({ ...pass.toChangedColumns(change), updatedAt: sql.now })
        .where('id', '=', id)
        .execute()
      await refuseTakenName('pass', updating)
      return find(id)
    },

    async erase(id: string): Promise<boolean> {
      return tables.transaction().execute(async (transaction) => {
        const { numDeletedRows } = await transaction
          .deleteFrom('passes')
          .where('id', '=', id)
          .executeTakeFirst()
        await transaction.deleteFrom('resourceGrants').where('resourceId', '=', id).execute()
        return numDeletedRows > 0n
      })
    },

    /** Notes a use. Whether it was the first one ever. */
    async touch(id: string): Promise<boolean> {
      const first = await tables
        .updateTable('passes')
        .set({ lastUsedAt: sql.now })
        .where('id', '=', id)
        .where('lastUsedAt', 'is', null)
        .executeTakeFirst()
      if (first.numUpdatedRows > 0n) return true
      await tables
        .updateTable('passes')
        .set({ lastUsedAt: sql.now })
        .where('id', '=', id)
        .where('lastUsedAt', '<', (eb) => eb(sql.now, '-', touchEveryMs))
        .execute()
      return false
    },

    /** Passes that last on and end soon. */
    async ending(): Promise<PassRow[]> {
      const rows = await tables
        .selectFrom('passes')
        .selectAll()
        .where('revokedAt', 'is', null)
        .where(endsSoon(sql))
        .orderBy('expiresAt')
        .limit(500)
        .execute()
      return rows.map(pass.toRow)
    },
  }
}

export type PassStore = ReturnType<typeof openPassStore>

const views = (sql: Sql) => (passes: SelectQueryBuilder<Tables, 'passes', object>) =>
  passes
    .leftJoin('credentials', (join) =>
      join.onRef('credentials.id', '=', 'passes.credentialId').on('credentials.deletedAt', 'is', null),
    )
    .selectAll('passes')
    .select((eb) => [
      nameOf('passes.ownerId').as('ownerName'),
      eb
        .selectFrom('passWrites')
        .whereRef('passWrites.passId', '=', 'passes.id')
        .where('passWrites.state', '=', 'waiting')
        .where('passWrites.expiresAt', '>', sql.now)
        .select((waiting) => waiting.fn.countAll<number>().as('waitingWrites'))
        .as('waitingWrites'),
      'credentials.name as credentialName',
      'credentials.status as credentialStatus',
      'credentials.reasonMessage as credentialReason',
      'credentials.identity as credentialIdentity',
    ])

type ViewRow = Awaited<ReturnType<ReturnType<ReturnType<typeof views>>['executeTakeFirstOrThrow']>>

const status = nullable(oneOf(credentialStatusSchema))
const identity = nullable(json(identitySchema))

function toView({ ownerName, credentialName, credentialReason, waitingWrites, ...row }: ViewRow): PassView {
  return {
    ...pass.toRow(row),
    ownerName: ownerName ?? '',
    waitingWrites: Number(waitingWrites),
    credentialName,
    credentialReason,
    credentialStatus: status.read(row.credentialStatus, 'credentials.status'),
    credentialIdentity: identity.read(row.credentialIdentity, 'credentials.identity'),
  }
}
