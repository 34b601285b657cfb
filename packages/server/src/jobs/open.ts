import type { Secret } from '@latchwork/vault'
import type { Database } from '../database/database.ts'
import type { JobOptions, JobQueue } from './interface.ts'
import { openPostgresJobs } from './postgres.ts'
import { openSqliteJobs } from './sqlite.ts'

const repeatAfterMs = 60_000

/** The queue that belongs to a database; stop it before closing the stores. */
export async function openJobs(
  database: Database,
  databaseUrl: Secret | null,
  options: JobOptions,
): Promise<JobQueue> {
  const quieter = { ...options, onError: withoutRepetition(options.onError) }
  return databaseUrl === null
    ? openSqliteJobs(database, quieter)
    : openPostgresJobs(databaseUrl.reveal(), database, quieter)
}

/** While the database is away every poll fails in the same way, so only one failure in a while is logged. */
function withoutRepetition(onError: JobOptions['onError']): JobOptions['onError'] {
  let last = { message: '', at: Number.NEGATIVE_INFINITY }
  return (error, job) => {
    if (job === null) {
      const message = error instanceof Error ? error.message : String(error)
      const at = performance.now()
      if (message === last.message && at - last.at < repeatAfterMs) return
      last = { message, at }
    }
    onError(error, job)
  }
}
