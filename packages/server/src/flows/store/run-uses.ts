import type { Identity } from '@latchwork/contract'
import { RunTaken } from '@latchwork/sync'
import type { Database } from '../../database/database.ts'
import { account } from '../../database/flow-tables.ts'
import { type HeldRun, isHeld } from './held.ts'
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

    /**
     * Has a run read or write as this account and no other. Answers the account that it is held to: the first one.
     * @throws RunTaken
     */
    async holdAccount(run: HeldRun, kind: SideKind, held: Identity): Promise<Identity> {
      const column = kind === 'source' ? 'sourceAccount' : 'destinationAccount'
      const row = await tables
        .updateTable('runs')
        .set((eb) => ({ [column]: eb.fn.coalesce(column, eb.val(account.write(held))) }))
        .where(isHeld(run))
        .returning(column)
        .executeTakeFirst()
      if (row === undefined) throw new RunTaken()
      return account.read(row[column] ?? null, `runs.${column}`) ?? held
    },
  }
}
