import type { Secret } from '@latchwork/vault'
import type { Database } from '../stores/database.ts'
import type { JobOptions, JobQueue } from './interface.ts'
import { openPostgresJobs } from './postgres.ts'
import { openSqliteJobs } from './sqlite.ts'

/** The queue that belongs to a database; stop it before closing the stores. */
export async function openJobs(
  database: Database,
  databaseUrl: Secret | null,
  options: JobOptions,
): Promise<JobQueue> {
  return databaseUrl === null
    ? openSqliteJobs(database, options)
    : openPostgresJobs(databaseUrl.reveal(), options)
}
