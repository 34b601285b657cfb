import type { Database } from '../../database/database.ts'
import { ledgerEntry } from '../../database/flow-tables.ts'
import { placeOf } from './ledger.ts'
import { runUnderWay } from './run-row.ts'

/** What a person says of a record in doubt, in the flow's ledger. */
export function openDecisions({ tables }: Database) {
  return {
    /** Whether a run of the flow is under way: it may be about to find out by itself. */
    async isUnderWay(flowId: string): Promise<boolean> {
      return (await runUnderWay(tables, flowId)) !== null
    },

    /** Settles an entry that is in doubt. @param outcome as `Ledger.settle` */
    async decide(flowId: string, entry: string, outcome: string | null): Promise<void> {
      const { round, keyHash, twin } = placeOf(entry)
      await tables
        .updateTable('ledger')
        .set(ledgerEntry.toChangedColumns({ resolved: true, outcome }))
        .where('flowId', '=', flowId)
        .where('round', '=', round)
        .where('keyHash', '=', keyHash)
        .where('twin', '=', twin)
        .where('resolved', '=', 0)
        .execute()
    },
  }
}
