import { RunTaken } from '@latchwork/sync'
import type { ExpressionBuilder } from 'kysely'
import type { Database } from '../../database/database.ts'
import type { Tables } from '../../database/tables.ts'
import type { RunRow } from './run-row.ts'

/** A run as one process has taken it up. */
export type HeldRun = Pick<RunRow, 'id' | 'attempt'>

/** Whether the process that asks still has the run: another one that takes it up raises its attempt. */
export const isHeld =
  ({ id, attempt }: HeldRun) =>
  (eb: ExpressionBuilder<Tables, 'runs'>) =>
    eb.and([eb('runs.id', '=', id), eb('runs.attempt', '=', attempt), eb('runs.status', '=', 'running')])

/** Nobody takes the run up until the transaction has ended. @throws RunTaken if another process has */
export async function requireHeld(
  { sql }: Pick<Database, 'sql'>,
  transaction: Database['tables'],
  run: HeldRun,
): Promise<void> {
  const row = await transaction
    .selectFrom('runs')
    .select('id')
    .where(isHeld(run))
    .modifyEnd(sql.forShare)
    .executeTakeFirst()
  if (row === undefined) throw new RunTaken()
}

/** Does `work` in one transaction, if the process still has the run. @throws RunTaken */
export function whileHeld<T>(
  database: Database,
  run: HeldRun,
  work: (transaction: Database['tables']) => Promise<T>,
): Promise<T> {
  return database.tables.transaction().execute(async (transaction) => {
    await requireHeld(database, transaction, run)
    return work(transaction)
  })
}
