import type { Database } from '../../database/database.ts'
import { unfinished } from './run-row.ts'

const runsAtOnce = 50

/** Runs that have failed for the time being, and are tried again from their checkpoints. */
export function openRetries({ sql, tables }: Database) {
  return {
    /** Queues those that are due; the line of runs has them from then on. */
    async queueRetries(): Promise<void> {
      await tables
        .updateTable('runs')
        .set((eb) => ({
          status: 'queued',
          retries: eb('retries', '+', 1),
          retryAt: null,
          finishedAt: null,
          errorCode: null,
          errorMessage: null,
        }))
        .where('id', 'in', (eb) =>
          eb
            .selectFrom('runs')
            .select('id')
            .where('retryAt', '<=', sql.now)
            // A flow has one run at a time: a replay may be under way, or be due as well.
            .where((due) =>
              due.not(
                due.exists(
                  due
                    .selectFrom('runs as other')
                    .select('other.id')
                    .whereRef('other.flowId', '=', 'runs.flowId')
                    .where((other) =>
                      other.or([
                        other('other.status', 'in', unfinished),
                        other.and([
                          other('other.retryAt', '<=', sql.now),
                          other('other.id', '<', other.ref('runs.id')),
                        ]),
                      ]),
                    ),
                ),
              ),
            )
            .orderBy('retryAt')
            .limit(runsAtOnce)
            .modifyEnd(sql.skipLocked),
        )
        .execute()
    },

    /** A run of the flow that waits to be tried again is due now. Answers whether there is one. */
    async hastenRetry(flowId: string): Promise<boolean> {
      const { numUpdatedRows } = await tables
        .updateTable('runs')
        .set({ retryAt: sql.now })
        .where('flowId', '=', flowId)
        .where('retryAt', 'is not', null)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
  }
}
