import { LatchworkError } from '@latchwork/contract'
import { type SqlBool, sql as sqlText } from 'kysely'
import { listCredentials } from './credential-list.ts'
import { changeToColumns, insertToColumns, toRow, touchesContent } from './credential-row.ts'
import { forgetWords } from './credential-words.ts'
import type { Database } from './database.ts'
import { refuseBeyondShare } from './holding.ts'
import type { CredentialStore } from './interfaces.ts'
import { grantNotEnded, openRefreshStore } from './refresh.ts'
import { refuseTakenName } from './violations.ts'

export function openCredentialStore(database: Database): CredentialStore {
  const { sql, tables } = database
  return {
    ...openRefreshStore(database),

    async insert(row) {
      const insertInto = (db: typeof tables) =>
        db
          .insertInto('credentials')
          .values({ ...insertToColumns(row), createdAt: sql.now, updatedAt: sql.now })
          .returningAll()
          .executeTakeFirstOrThrow()
      const insertDraft = async (transaction: typeof tables) => {
        const kept = transaction
          .selectFrom('credentials')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('ownerId', '=', row.ownerId)
          .where('status', '=', 'draft')
          .where('draftExpiresAt', '>', sql.now)
        await refuseBeyondShare(database, transaction, row.ownerId, 'drafts', () =>
          kept.executeTakeFirstOrThrow(),
        )
        return insertInto(transaction)
      }
      const inserting =
        row.status === 'draft' ? tables.transaction().execute(insertDraft) : insertInto(tables)
      const inserted = await refuseTakenName('credential', inserting)
      return toRow(inserted)
    },

    async find(id) {
      const row = await tables
        .selectFrom('credentials')
        .selectAll()
        .where('id', '=', id)
        .where('deletedAt', 'is', null)
        .executeTakeFirst()
      return row === undefined ? null : toRow(row)
    },

    list: (query, viewer = null) => listCredentials(database, query, viewer),

    async update(id, change, expectedVersion) {
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
      const deletes = typeof change.deletedAt === 'string'
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

    async touch(id) {
      await tables.updateTable('credentials').set({ lastUsedAt: sql.now }).where('id', '=', id).execute()
    },

    async takeExpiredDrafts(limit) {
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

    async eraseDeleted(afterMs) {
      const { numDeletedRows } = await tables.transaction().execute(async (transaction) => {
        // Those that were deleted although they were used.
        const gone = transaction
          .selectFrom('credentials')
          .select('id')
          .where('deletedAt', '<=', (eb) => eb(sql.now, '-', afterMs))
        await transaction
          .updateTable('ends')
          .set({ credentialId: null })
          .where('credentialId', 'in', gone)
          .execute()
        return transaction
          .deleteFrom('credentials')
          .where('deletedAt', '<=', (eb) => eb(sql.now, '-', afterMs))
          .executeTakeFirst()
      })
      const erased = Number(numDeletedRows)
      if (erased > 0 && sql.kind === 'postgres') await forgetWords(database)
      return erased
    },

    async erase(id) {
      await tables.deleteFrom('credentials').where('id', '=', id).execute()
    },
  }
}

/** Whoever begins to use the credential holds a lock on its row meanwhile, so that nothing slips in behind this look. */
async function refuseUsed({ sql }: Database, transaction: Database['tables'], id: string): Promise<void> {
  await transaction
    .selectFrom('credentials')
    .select('id')
    .where('id', '=', id)
    .modifyEnd(sql.forUpdate)
    .execute()
  const ends = await transaction
    .selectFrom('ends')
    .select(['id', 'kind', 'name'])
    .where('credentialId', '=', id)
    .orderBy('nameKey')
    .execute()
  if (ends.length > 0) throw new LatchworkError('credential_in_use', { blockers: ends })
}
