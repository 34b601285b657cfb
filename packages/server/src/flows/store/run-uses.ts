import type { Identity } from '@latchwork/contract'
import type { Database } from '../../database/database.ts'
import { account } from '../../database/flow-tables.ts'
import { unfinished } from './run-row.ts'
import type { SideKind } from './sides.ts'

/** How often a run used a credential, and whether to read or to write. */
export interface RunUse {
  readonly credentialId: string
  readonly direction: 'read' | 'write'
  readonly count: number
}

/**
 * The uses of a run under way, and the accounts that it acts for. The uses are counted, and recorded by the process
 * that ends the run.
 */
export function openRunUses({ tables }: Database) {
  return {
    /** Counts a use of a credential by a run. */
    async noteUse(runId: string, credentialId: string, direction: RunUse['direction']): Promise<void> {
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

    /** Returns the counted uses of a run, reading first, and erases them. */
    async takeUses(runId: string): Promise<RunUse[]> {
      const rows = await tables
        .deleteFrom('runUses')
        .where('runId', '=', runId)
        .returning(['credentialId', 'direction', 'count'])
        .execute()
      return rows
        .map((row): RunUse => ({ ...row, direction: row.direction === 'write' ? 'write' : 'read' }))
        .sort((a, b) => (a.direction < b.direction ? -1 : 1))
    },

    /** Binds a side of a run to this account. Returns the account that it is bound to: the first one. */
    async holdAccount(id: string, kind: SideKind, held: Identity): Promise<Identity> {
      const column = kind === 'source' ? 'sourceAccount' : 'destinationAccount'
      const row = await tables
        .updateTable('runs')
        .set((eb) => ({ [column]: eb.fn.coalesce(column, eb.val(account.write(held))) }))
        .where('id', '=', id)
        .where('status', 'in', unfinished)
        .returning(column)
        .executeTakeFirst()
      // A run that has ended holds nothing, and saves nothing more.
      return account.read(row?.[column] ?? null, `runs.${column}`) ?? held
    },
  }
}
