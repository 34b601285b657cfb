import type { Selectable } from 'kysely'
import type { NewOf, RowOf } from '../../database/codec.ts'
import { type PreviousTable, previousSecret } from '../../database/credential-tables.ts'
import type { Database } from '../../database/database.ts'
import { type CredentialChange, type CredentialRow, changeToColumns, toRow } from './row.ts'

/** The secret and the method of a credential before they were replaced or switched. */
export type PreviousRow = RowOf<typeof previousSecret> & { readonly usedSince: number }

export interface Swap {
  readonly id: string
  readonly change: CredentialChange
  /** Nothing is written unless the secret version is still this one. */
  readonly expectedVersion: number
  /** The previous secret to store instead of the one before; null: none is stored. */
  readonly keep: NewOf<typeof previousSecret> | null
  /** A draft whose tokens move to the credential. Erased in the same commit, if it still has this version. */
  readonly draft?: { readonly id: string; readonly version: number }
}

/** Thrown inside a transaction to roll it back. */
class Outdated extends Error {}

export function openPreviousStore({ sql, tables }: Database) {
  return {
    async find(credentialId: string): Promise<PreviousRow | null> {
      const row = await tables
        .selectFrom('previousSecrets')
        .selectAll()
        .where('credentialId', '=', credentialId)
        .executeTakeFirst()
      return row === undefined ? null : toPrevious(row)
    },

    /** All in one transaction. Null: nothing was written, because another change came first. */
    async swap({ id, change, expectedVersion, keep, draft }: Swap): Promise<CredentialRow | null> {
      try {
        return await tables.transaction().execute(async (transaction) => {
          const updated = await transaction
            .updateTable('credentials')
            .set({ secretSince: sql.now, ...changeToColumns(change), updatedAt: sql.now })
            .where('id', '=', id)
            .where('secretVersion', '=', expectedVersion)
            .where('deletedAt', 'is', null)
            .returningAll()
            .executeTakeFirst()
          if (updated === undefined) throw new Outdated()
          await transaction.deleteFrom('previousSecrets').where('credentialId', '=', id).execute()
          if (keep !== null) {
            await transaction
              .insertInto('previousSecrets')
              .values({ ...previousSecret.toColumns(keep), replacedAt: sql.now })
              .execute()
          }
          if (draft !== undefined) {
            const erased = await transaction
              .deleteFrom('credentials')
              .where('id', '=', draft.id)
              .where('secretVersion', '=', draft.version)
              .where('status', '=', 'draft')
              .executeTakeFirst()
            if (erased.numDeletedRows === 0n) throw new Outdated()
          }
          return toRow(updated)
        })
      } catch (error) {
        if (error instanceof Outdated) return null
        throw error
      }
    },

    /** Guarded by the version, so that a newer previous secret stays. */
    async erase(credentialId: string, version: number): Promise<void> {
      await tables
        .deleteFrom('previousSecrets')
        .where('credentialId', '=', credentialId)
        .where('version', '=', version)
        .execute()
    },

    /** Erases expired ones, and returns them. */
    async takeEnded(limit: number): Promise<PreviousRow[]> {
      const rows = await tables
        .deleteFrom('previousSecrets')
        .where('credentialId', 'in', (eb) =>
          eb
            .selectFrom('previousSecrets')
            .select('credentialId')
            .where('endsAt', '<=', sql.now)
            .orderBy('endsAt')
            .limit(limit)
            .modifyEnd(sql.skipLocked),
        )
        .returningAll()
        .execute()
      return rows.map(toPrevious)
    },
  }
}

export type PreviousStore = ReturnType<typeof openPreviousStore>

function toPrevious(record: Selectable<PreviousTable>): PreviousRow {
  const row = previousSecret.toRow(record)
  return { ...row, usedSince: row.usedSince ?? row.replacedAt }
}
