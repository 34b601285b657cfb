import { LatchworkError } from '@latchwork/contract'
import { type SqlBool, sql as sqlText } from 'kysely'
import { credential } from '../../database/credential-tables.ts'
import type { Database } from '../../database/database.ts'
import type { PageOf } from '../../database/paging.ts'
import { prepared } from '../../database/prepared.ts'
import { refuseTakenName } from '../../database/violations.ts'
import type { Viewer } from '../../identity/store/viewing.ts'
import { holdShare } from '../../shares/holding.ts'
import { usualShares } from '../../shares/limits.ts'
import { draftsFull } from '../../shares/shares.ts'
import { type ListRequest, listCredentials } from './list.ts'
import { grantNotEnded, openRefreshStore } from './refresh.ts'
import {
  type CredentialChange,
  type CredentialRow,
  changeToColumns,
  type NewCredential,
  toRow,
  touchesContent,
} from './row.ts'

/** A use of a credential: by a run, by a pass, or by the person of the present request. */
export interface CredentialUse {
  readonly direction: 'read' | 'write'
  readonly by:
    | { readonly run: string }
    | { readonly pass: string }
    | { readonly request: 'sample' | 'preview' }
}

export function openCredentialStore(database: Database) {
  const { sql, tables } = database
  const byId = prepared(
    tables,
    () => '',
    ([id = '']) =>
      tables.selectFrom('credentials').selectAll().where('id', '=', id).where('deletedAt', 'is', null),
  )
  return {
    ...openRefreshStore(database),

    /**
     * @throws LatchworkError `name_taken` (names are unique among an owner's saved credentials, case-insensitively),
     * `drafts_full` if the owner has `mostDrafts` drafts already
     */
    async insert(row: NewCredential, mostDrafts: number = usualShares.drafts): Promise<CredentialRow> {
      const insertInto = (db: typeof tables) =>
        db
          .insertInto('credentials')
          .values({ ...credential.toColumns(row), createdAt: sql.now, updatedAt: sql.now })
          .returningAll()
          .executeTakeFirstOrThrow()
      const insertDraft = async (transaction: typeof tables) => {
        await holdShare(database, transaction, row.ownerId)
        const { open, againInMs } = await transaction
          .selectFrom('credentials')
          .select((eb) => [
            eb.fn.countAll<number>().as('open'),
            eb(eb.fn.min('draftExpiresAt'), '-', sql.now).as('againInMs'),
          ])
          .where('ownerId', '=', row.ownerId)
          .where('status', '=', 'draft')
          .where('draftExpiresAt', '>', sql.now)
          .executeTakeFirstOrThrow()
        if (Number(open) >= mostDrafts) throw draftsFull(mostDrafts, Number(againInMs))
        return insertInto(transaction)
      }
      const inserting =
        row.status === 'draft' ? tables.transaction().execute(insertDraft) : insertInto(tables)
      const inserted = await refuseTakenName('credential', inserting)
      return toRow(inserted)
    },

    /** Without deleted ones. */
    async find(id: string): Promise<CredentialRow | null> {
      const [row] = await byId([id], null)
      return row === undefined ? null : toRow(row)
    },

    /**
     * Saved credentials (no drafts) that the viewer may use. By keyset pages on an index, whose cost does not grow with
     * the number stored.
     */
    list: (query: ListRequest['query'], viewer: Viewer = null): Promise<PageOf<CredentialRow>> =>
      listCredentials(database, query, viewer),

    /**
     * Changes a credential in one step. With `expectedVersion` nothing is written unless the secret version is still
     * that one; then returns null. A change of `generation` also clears lease and intent: a new grant makes a refresh
     * of the old one void. A status without a new secret does not overwrite the end of a grant: returns null, and
     * nothing is written.
     * @throws LatchworkError `name_taken`, and with `deletedAt` `credential_in_use` with the sources and destinations
     * as blockers
     */
    async update(
      id: string,
      change: CredentialChange,
      expectedVersion?: number,
    ): Promise<CredentialRow | null> {
      const columns = changeToColumns(change)
      const query = (db: typeof tables) => {
        let update = db
          .updateTable('credentials')
          .set({ ...columns, ...(touchesContent(change) ? { updatedAt: sql.now } : {}) })
          .where('id', '=', id)
        if (expectedVersion !== undefined) update = update.where('secretVersion', '=', expectedVersion)
        if (change.status !== undefined && change.sealed === undefined) update = update.where(grantNotEnded)
        return update.returningAll().executeTakeFirst()
      }
      if (Object.keys(columns).length === 0) {
        let same = tables.selectFrom('credentials').selectAll().where('id', '=', id)
        if (expectedVersion !== undefined) same = same.where('secretVersion', '=', expectedVersion)
        const row = await same.executeTakeFirst()
        return row === undefined ? null : toRow(row)
      }
      const deletes = typeof change.deletedAt === 'number'
      const updated = await refuseTakenName(
        'credential',
        deletes
          ? tables.transaction().execute(async (transaction) => {
              await refuseUsed(database, transaction, id)
              return query(transaction)
            })
          : query(tables),
      )
      return updated === undefined ? null : toRow(updated)
    },

    /** Stores the time of a use. @param use for the audit log */
    async touch(id: string, _use?: CredentialUse): Promise<void> {
      await tables.updateTable('credentials').set({ lastUsedAt: sql.now }).where('id', '=', id).execute()
    },

    /** Erases expired drafts and returns their rows, so that their tokens can be revoked. */
    async takeExpiredDrafts(limit: number): Promise<CredentialRow[]> {
      const rows = await tables
        .deleteFrom('credentials')
        .where('id', 'in', (eb) =>
          eb
            .selectFrom('credentials')
            .select('id')
            .where(sqlText<SqlBool>`status = 'draft'`)
            .where('draftExpiresAt', '<=', sql.now)
            .orderBy('draftExpiresAt')
            .limit(limit)
            .modifyEnd(sql.skipLocked),
        )
        .returningAll()
        .execute()
      return rows.map(toRow)
    },

    /** Whether there is a credential of the connector, drafts and deleted ones included. */
    async hasAny(connector: string): Promise<boolean> {
      const row = await tables
        .selectFrom('credentials')
        .select('id')
        .where('connector', '=', connector)
        .limit(1)
        .executeTakeFirst()
      return row !== undefined
    },

    /** Erases credentials deleted at least `afterMs` ago for good. Returns how many. */
    async eraseDeleted(afterMs: number): Promise<number> {
      const { numDeletedRows } = await tables.transaction().execute(async (transaction) => {
        // Some were deleted although they were used.
        const gone = transaction
          .selectFrom('credentials')
          .select('id')
          .where('deletedAt', '<=', (eb) => eb(sql.now, '-', afterMs))
        await transaction
          .updateTable('sides')
          .set({ credentialId: null })
          .where('credentialId', 'in', gone)
          .execute()
        return transaction
          .deleteFrom('credentials')
          .where('deletedAt', '<=', (eb) => eb(sql.now, '-', afterMs))
          .executeTakeFirst()
      })
      return Number(numDeletedRows)
    },

    /** Erases a credential for good, in any state. */
    async erase(id: string): Promise<void> {
      await tables.deleteFrom('credentials').where('id', '=', id).execute()
    },
  }
}

export type CredentialStore = ReturnType<typeof openCredentialStore>

/** Everything that begins to use the credential locks its row, so that no use can begin after this look. */
async function refuseUsed({ sql }: Database, transaction: Database['tables'], id: string): Promise<void> {
  await transaction
    .selectFrom('credentials')
    .select('id')
    .where('id', '=', id)
    .modifyEnd(sql.forUpdate)
    .execute()
  const sides = await transaction
    .selectFrom('sides')
    .select(['id', 'kind', 'name'])
    .where('credentialId', '=', id)
    .orderBy('sortName')
    .execute()
  const passes = await transaction
    .selectFrom('passes')
    .select(['id', 'name'])
    .where('credentialId', '=', id)
    .where('revokedAt', 'is', null)
    .orderBy('sortName')
    .execute()
  const blockers = [...sides, ...passes.map((each) => ({ kind: 'pass', ...each }))]
  if (blockers.length > 0) throw new LatchworkError('credential_in_use', { blockers })
}
