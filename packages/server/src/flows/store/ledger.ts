import { createHash } from 'node:crypto'
import { storable } from '../../database/columns.ts'
import type { Database } from '../../database/database.ts'

/** Keys to one statement: both databases limit its values. */
const keysAtOnce = 1_000

/** Per run, which records were sent where sending them twice would double them. */
export function openLedger({ sql, tables }: Database) {
  return {
    async ledgerBegin(runId: string, keys: readonly string[]): Promise<void> {
      await tables.transaction().execute(async (transaction) => {
        for (const part of parts([...new Set(keys)])) {
          await transaction
            .insertInto('ledger')
            .values(part.map((key) => ({ runId, keyHash: hashOf(key), at: sql.now, settled: 0 })))
            .onConflict((conflict) =>
              conflict.columns(['runId', 'keyHash']).doUpdateSet({ at: sql.now, settled: 0, outcome: null }),
            )
            .execute()
        }
      })
    },

    async ledgerSettle(runId: string, key: string, outcome: string | null): Promise<void> {
      const settled = { settled: 1, outcome: outcome === null ? null : storable(outcome) }
      await tables
        .insertInto('ledger')
        .values({ runId, keyHash: hashOf(key), at: sql.now, ...settled })
        .onConflict((conflict) => conflict.columns(['runId', 'keyHash']).doUpdateSet(settled))
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
          .select(['keyHash', 'at', 'settled', 'outcome'])
          .where('runId', '=', runId)
          .where('keyHash', 'in', part.map(hashOf))
          .execute()
        const byHash = new Map(rows.map((row) => [row.keyHash, row]))
        for (const key of part) {
          const row = byHash.get(hashOf(key))
          if (row !== undefined)
            found.set(key, { at: row.at, outcome: row.settled === 1 ? row.outcome : undefined })
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
