import { createHash } from 'node:crypto'
import type { Database } from '../../database/database.ts'
import { ledgerEntry } from '../../database/flow-tables.ts'

/** Keys in one statement: both databases limit its values. */
const keysAtOnce = 1_000
const open = { resolved: false, outcome: null }

/** For each run, the records that were sent where sending them twice would double them. */
export function openLedger({ sql, tables }: Database) {
  return {
    async ledgerBegin(runId: string, keys: readonly string[]): Promise<void> {
      await tables.transaction().execute(async (transaction) => {
        for (const part of parts([...new Set(keys)])) {
          await transaction
            .insertInto('ledger')
            .values(
              part.map((key) => ({
                ...ledgerEntry.toColumns({ runId, keyHash: hashOf(key), ...open }),
                at: sql.now,
              })),
            )
            .onConflict((conflict) =>
              conflict
                .columns(['runId', 'keyHash'])
                .doUpdateSet({ ...ledgerEntry.toChangedColumns(open), at: sql.now }),
            )
            .execute()
        }
      })
    },

    async ledgerSettle(runId: string, key: string, outcome: string | null): Promise<void> {
      const resolved = { resolved: true, outcome }
      await tables
        .insertInto('ledger')
        .values({ ...ledgerEntry.toColumns({ runId, keyHash: hashOf(key), ...resolved }), at: sql.now })
        .onConflict((conflict) =>
          conflict.columns(['runId', 'keyHash']).doUpdateSet(ledgerEntry.toChangedColumns(resolved)),
        )
        .execute()
    },

    async ledgerLook(
      runId: string,
      keys: readonly string[],
    ): Promise<ReadonlyMap<string, { at: number; outcome: string | null | undefined }>> {
      const found = new Map<string, { at: number; outcome: string | null | undefined }>()
      for (const part of parts(keys)) {
        const rows = await tables
          .selectFrom('ledger')
          .selectAll()
          .where('runId', '=', runId)
          .where('keyHash', 'in', part.map(hashOf))
          .execute()
        const byHash = new Map(rows.map((row) => [row.keyHash, ledgerEntry.toRow(row)]))
        for (const key of part) {
          const entry = byHash.get(hashOf(key))
          if (entry !== undefined)
            found.set(key, { at: entry.at, outcome: entry.resolved ? entry.outcome : undefined })
        }
      }
      return found
    },
  }
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

function* parts(keys: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < keys.length; start += keysAtOnce) yield keys.slice(start, start + keysAtOnce)
}
