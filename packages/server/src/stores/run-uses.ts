import type { Database } from './database.ts'
import type { RunStore, RunUse } from './interfaces.ts'
import { toAccount, unfinished } from './run-row.ts'

/**
 * What a run that has not ended uses: counted, to be written down when it ends, whichever process that sees; and whom it
 * acts for meanwhile.
 */
export function openRunUses({ tables }: Database): Pick<RunStore, 'noteUse' | 'takeUses' | 'holdAccount'> {
  return {
    async noteUse(runId, credentialId, direction) {
      await tables
        .insertInto('runUses')
        .values({ runId, credentialId, direction, count: 1 })
        .onConflict((conflict) =>
          conflict
            .columns(['runId', 'credentialId', 'direction'])
            .doUpdateSet((eb) => ({ count: eb('runUses.count', '+', 1) })),
        )
        .execute()
    },

    async takeUses(runId) {
      const rows = await tables
        .deleteFrom('runUses')
        .where('runId', '=', runId)
        .returning(['credentialId', 'direction', 'count'])
        .execute()
      return rows
        .map((row): RunUse => ({ ...row, direction: row.direction === 'write' ? 'write' : 'read' }))
        .sort((a, b) => (a.direction < b.direction ? -1 : 1))
    },

    async holdAccount(id, kind, account) {
      const column = kind === 'source' ? 'sourceAccount' : 'destinationAccount'
      const row = await tables
        .updateTable('runs')
        .set((eb) => ({ [column]: eb.fn.coalesce(column, eb.val(JSON.stringify(account))) }))
        .where('id', '=', id)
        .where('status', 'in', unfinished)
        .returning(column)
        .executeTakeFirst()
      // A run that has ended holds nothing, and saves nothing more.
      return toAccount(row?.[column] ?? null) ?? account
    },
  }
}
