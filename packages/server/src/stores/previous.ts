import { identitySchema } from '@latchwork/contract'
import type { Selectable } from 'kysely'
import { readJson, textMapSchema, toMs, toMsOrNull, toTime, toTimeOrNull } from './columns.ts'
import { changeToColumns, toRow } from './credential-row.ts'
import type { PreviousTable } from './credential-tables.ts'
import type { Database } from './database.ts'
import type { PreviousRow, PreviousStore } from './previous-interface.ts'
import { readSealed, writeSealed } from './sealed.ts'

/** Thrown inside a transaction to take it back. */
class Outdated extends Error {}

export function openPreviousStore({ sql, tables }: Database): PreviousStore {
  return {
    async find(credentialId) {
      const row = await tables
        .selectFrom('previousSecrets')
        .selectAll()
        .where('credentialId', '=', credentialId)
        .executeTakeFirst()
      return row === undefined ? null : toPrevious(row)
    },

    async swap({ id, change, expectedVersion, keep, draft }) {
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

    async erase(credentialId, version) {
      await tables
        .deleteFrom('previousSecrets')
        .where('credentialId', '=', credentialId)
        .where('version', '=', version)
        .execute()
    },

    async takeEnded(limit) {
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
