import { LatchworkError } from '@latchwork/contract'
import type { Database } from '../../database/database.ts'
import { flow } from '../../database/flow-tables.ts'
import type { FlowRow } from './flow-views.ts'
import { runUnderWay } from './run-row.ts'

/**
 * Other sides for a flow. All that it knows belongs to those of before: where its streams stand, what it has created, and
 * what a run that is tried again goes on from.
 * @throws LatchworkError `run_active`
 */
export async function changeSides(
  { sql, tables }: Pick<Database, 'sql' | 'tables'>,
  id: string,
  {
    sourceId,
    destinationId,
    streams,
    schema,
  }: Pick<FlowRow, 'sourceId' | 'destinationId' | 'streams' | 'schema'>,
): Promise<void> {
  await tables.transaction().execute(async (transaction) => {
    // An insert of a run changes its flow, so after this update either the run is visible, or it begins with these sides.
    await transaction
      .updateTable('flows')
      .set((eb) => ({
        ...flow.toChangedColumns({ streams, schema }),
        ...{ sourceId, destinationId, freshAt: 0, updatedAt: sql.now },
        round: eb('round', '+', 1),
      }))
      .where('id', '=', id)
      .execute()
    const active = await runUnderWay(transaction, id)
    if (active !== null) {
      throw new LatchworkError('run_active', {
        message:
          'This flow is running. Change its source or destination when the run has ended, or cancel it.',
        blockers: [{ kind: 'run', id: active, name: active }],
      })
    }
    await transaction.updateTable('runs').set({ retryAt: null }).where('flowId', '=', id).execute()
    await transaction.deleteFrom('flowStreams').where('flowId', '=', id).execute()
    await transaction.deleteFrom('ledger').where('flowId', '=', id).execute()
  })
}
