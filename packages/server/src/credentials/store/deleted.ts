import { LatchworkError } from '@latchwork/contract'
import type { Database } from '../../database/database.ts'
import { type CredentialRow, toRow } from './row.ts'

/** The most credentials that are listed. */
const listed = 200

export function openDeletedCredentialStore({ sql, tables }: Database) {
  return {
    /** Newest first. `ownerId` null: those of all owners. */
    async list(ownerId: string | null): Promise<CredentialRow[]> {
      let rows = tables.selectFrom('credentials').selectAll().where('deletedAt', 'is not', null)
      if (ownerId !== null) rows = rows.where('ownerId', '=', ownerId)
      return (await rows.orderBy('deletedAt', 'desc').limit(listed).execute()).map(toRow)
    },

    async find(id: string): Promise<CredentialRow | null> {
      const row = await tables
        .selectFrom('credentials')
        .selectAll()
        .where('id', '=', id)
        .where('deletedAt', 'is not', null)
        .executeTakeFirst()
      return row === undefined ? null : toRow(row)
    },

    /**
     * Moves everything that uses one credential to the other, in one step. Returns the number of sources,
     * destinations and passes.
     * @throws LatchworkError `credential_not_found`
     */
    async moveUsage(from: string, to: string): Promise<number> {
      return tables.transaction().execute(async (transaction) => {
        const target = await transaction
          .selectFrom('credentials')
          .select('id')
          .where('id', '=', to)
          .where('deletedAt', 'is', null)
          .modifyEnd(sql.forShare)
          .executeTakeFirst()
        if (target === undefined) throw new LatchworkError('credential_not_found')
        const { numUpdatedRows } = await transaction
          .updateTable('sides')
          .set({ credentialId: to, updatedAt: sql.now })
          .where('credentialId', '=', from)
          .executeTakeFirst()
        const passes = await transaction
          .updateTable('passes')
          .set({ credentialId: to, updatedAt: sql.now })
          .where('credentialId', '=', from)
          .where('revokedAt', 'is', null)
          .executeTakeFirst()
        return Number(numUpdatedRows + passes.numUpdatedRows)
      })
    },
  }
}

export type DeletedCredentialStore = ReturnType<typeof openDeletedCredentialStore>
