import type { Database } from './database.ts'
import type { RunStore, RunUse } from './interfaces.ts'

/** What a run that has not ended uses: counted, to be written down when it ends, whichever process that sees. */
export function openRunUses({ tables }: Database): Pick<RunStore, 'noteUse' | 'takeUses'> {
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
  }
}
