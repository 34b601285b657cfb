import { identitySchema } from '@latchwork/contract'
import type { SealedRow } from '@latchwork/vault'
import type { Selectable } from 'kysely'
import { readJson, textMapSchema, toMs, toMsOrNull, toTime, toTimeOrNull } from '../../database/columns.ts'
import type { PreviousTable } from '../../database/credential-tables.ts'
import type { Database } from '../../database/database.ts'
import { readSealed, writeSealed } from '../../database/sealed.ts'
import { type CredentialChange, type CredentialRow, changeToColumns, toRow } from './row.ts'

/** What a credential used before its secret was replaced or its method switched. One a credential: the last. */
export interface PreviousRow
  extends Pick<
    CredentialRow,
    'method' | 'values' | 'identity' | 'grantedScope' | 'accessTokenExpiresAt' | 'keyNote' | 'lastUsedAt'
  > {
  readonly credentialId: string
  /** Sealed for the place of a previous secret, in this version. */
  readonly sealed: SealedRow
  readonly version: number
  readonly suffix: string | null
  /** Since when the credential used it. */
  readonly usedSince: string
  readonly replacedAt: string
  /** Who replaced it; null: not kept. */
  readonly replacedBy: string | null
  readonly undoUntil: string
  /** When it is erased for good; a sign-in is ended at the other system then. */
  readonly endsAt: string
}

export interface Swap {
  readonly id: string
  readonly change: CredentialChange
  /** Nothing is written unless the secret version still is this one. */
  readonly expectedVersion: number
  /** What to put aside in place of what is there; null: nothing stays aside. */
  readonly keep: Omit<PreviousRow, 'replacedAt'> | null
  /** A draft whose tokens move to the credential: erased in the same commit, if it still is of this version. */
  readonly draft?: { readonly id: string; readonly version: number }
}

/** Thrown inside a transaction to take it back. */
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

    /** All in one transaction; null: nothing was written, for another change came first. */
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
              .values({ ...toColumns(keep), replacedAt: sql.now })
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

    /** Guarded by the version, so that one that was put aside meanwhile stays. */
    async erase(credentialId: string, version: number): Promise<void> {
      await tables
        .deleteFrom('previousSecrets')
        .where('credentialId', '=', credentialId)
        .where('version', '=', version)
        .execute()
    },

    /** Erases those whose time is up, and answers them. */
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

function toColumns(row: Omit<PreviousRow, 'replacedAt'>) {
  return {
    credentialId: row.credentialId,
    method: row.method,
    fieldValues: JSON.stringify(row.values),
    sealed: writeSealed(row.sealed),
    version: row.version,
    identity: row.identity === null ? null : JSON.stringify(row.identity),
    grantedScope: row.grantedScope,
    accessTokenExpiresAt: toMsOrNull(row.accessTokenExpiresAt),
    suffix: row.suffix,
    keyNote: row.keyNote,
    replacedBy: row.replacedBy,
    usedSince: toMs(row.usedSince),
    lastUsedAt: toMsOrNull(row.lastUsedAt),
    undoUntil: toMs(row.undoUntil),
    endsAt: toMs(row.endsAt),
  }
}

function toPrevious(row: Selectable<PreviousTable>): PreviousRow {
  return {
    credentialId: row.credentialId,
    method: row.method,
    values: readJson(row.fieldValues, textMapSchema, 'previous_secrets.field_values'),
    sealed: readSealed(row.sealed),
    version: row.version,
    identity:
      row.identity === null ? null : readJson(row.identity, identitySchema, 'previous_secrets.identity'),
    grantedScope: row.grantedScope,
    accessTokenExpiresAt: toTimeOrNull(row.accessTokenExpiresAt),
    suffix: row.suffix,
    keyNote: row.keyNote,
    usedSince: toTime(row.usedSince ?? row.replacedAt),
    lastUsedAt: toTimeOrNull(row.lastUsedAt),
    replacedAt: toTime(row.replacedAt),
    replacedBy: row.replacedBy,
    undoUntil: toTime(row.undoUntil),
    endsAt: toTime(row.endsAt),
  }
}
