import { type PastRun, type RunStage, runEventsRetained, runStatusSchema } from '@latchwork/contract'
import { sql as sqlText } from 'kysely'
import { storable, toTime, toTimeOrNull } from '../../database/columns.ts'
import type { Database } from '../../database/database.ts'
import { runEvent } from '../../database/stream-tables.ts'
import type { HeldRun } from './held.ts'
import { unfinished } from './run-row.ts'

export type RunEvent = ReturnType<(typeof runEvent)['toRow']>

/** What happens to runs besides their streams, and runs in numbers. */
export function openRunLog(database: Database) {
  const { sql, tables } = database
  return {
    /** Nothing is noted of a run that another process has taken up. */
    async noteEvent({ id, attempt }: HeldRun, stage: RunStage, message: string): Promise<void> {
      const held = await tables
        .selectFrom('runs')
        .select('id')
        .where('id', '=', id)
        .where('attempt', '=', attempt)
        .executeTakeFirst()
      if (held !== undefined) await addEvent(tables, sql, id, stage, message)
    },

    /** In order. */
    async eventsOf(runId: string): Promise<RunEvent[]> {
      const rows = await tables
        .selectFrom('runEvents')
        .selectAll()
        .where('runId', '=', runId)
        .orderBy('at')
        .orderBy('position')
        .execute()
      return rows.map(runEvent.toRow)
    },

    /** The last runs of a flow, newest first; no replays. */
    async pastRuns(flowId: string, limit: number): Promise<PastRun[]> {
      const rows = await tables
        .selectFrom('runs')
        .select(['id', 'status', 'recordsRead', 'recordsWritten', 'recordsRefused'])
        .select(['createdAt', 'startedAt', 'finishedAt'])
        .where('flowId', '=', flowId)
        .where('replayOf', 'is', null)
        .orderBy('createdAt', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(({ status, createdAt, startedAt, finishedAt, ...counts }) => ({
        ...counts,
        status: runStatusSchema.parse(status),
        createdAt: toTime(createdAt),
        startedAt: toTimeOrNull(startedAt),
        finishedAt: toTimeOrNull(finishedAt),
      }))
    },
  }
}

/** Notes what happens to a run, as long as not too much has happened to it. */
export async function addEvent(
  db: Database['tables'],
  { now }: Database['sql'],
  runId: string,
  stage: RunStage,
  message: string,
): Promise<void> {
  await sqlText`insert into run_events (run_id, at, position, stage, message)
    select ${runId}, ${now}, coalesce(max(position), 0) + 1, ${stage}, ${storable(message)}
    from run_events where run_id = ${runId} having count(*) < ${runEventsRetained}`.execute(db)
}

/** A run that was under way is taken up again, or one that has failed for now is tried again. */
export async function noteTaking(
  { sql }: Database,
  transaction: Database['tables'],
  id: string,
): Promise<void> {
  const row = await transaction
    .selectFrom('runs')
    .select(['status', 'retries'])
    .where('id', '=', id)
    .where('status', 'in', unfinished)
    .executeTakeFirst()
  if (row?.status === 'running') {
    const message = 'The process that had it has ended. It goes on from the last page that was written.'
    await addEvent(transaction, sql, id, 'taken_up', message)
  } else if (row !== undefined && row.retries > 0) {
    await addEvent(transaction, sql, id, 'retried', 'Tried again, from the last page that was written.')
  }
}
