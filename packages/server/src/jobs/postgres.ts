import { randomUUID } from 'node:crypto'
import { LatchworkError } from '@latchwork/contract'
import { CompiledQuery } from 'kysely'
import { PgBoss } from 'pg-boss'
import type { Database } from '../database/database.ts'
import type { JobOptions, JobQueue } from './interface.ts'
import { repeatAsLeader } from './leader.ts'
import { payloadSchemas } from './payloads.ts'
import {
  abortedGraceMs,
  allEnded,
  defaultRetries,
  firstRetryMs,
  heartbeatMs,
  leaseMs,
  longestRetryMs,
  pollMs,
} from './timing.ts'

const schema = 'latchwork_jobs'
const maxConnections = 4
/** The longest that pg-boss allows. A longer job is aborted and continues as a retry. */
const longestJobSeconds = 24 * 60 * 60
const keepDoneSeconds = 60 * 60

/**
 * Jobs by pg-boss, in a schema of their own.
 * @param url of the database
 * @param database the same: a job that is enqueued in a unit of work is there when that is committed, and not before
 */
export async function openPostgresJobs(
  url: string,
  { auth }: Pick<Database, 'auth'>,
  options: JobOptions,
): Promise<JobQueue> {
  const retries = options.retries ?? defaultRetries
  const boss = new PgBoss({
    connectionString: url,
    application_name: 'latchwork jobs',
    schema,
    max: maxConnections,
    schedule: false,
    registerInstance: false,
    openTelemetry: { enabled: false },
    // pg-boss looks for dead workers every second.
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
  })
  boss.on('error', (error) => options.onError(error, null))
  try {
    await boss.start()
    await prepareQueues(boss, retries)
  } catch (error) {
    await boss.stop({ graceful: false })
    throw error
  }

  const rowsOf = async (text: string, values: unknown[]): Promise<unknown[]> =>
    (await auth.executeQuery(CompiledQuery.raw(text, values))).rows
  const stopping = new AbortController()
  const aborting = new AbortController()
  const underWay = new Set<Promise<void>>()
  const repeating = new Set<Promise<void>>()

  return {
    async enqueue(name, payload, { key } = {}) {
      // The policy allows one unfinished job for a key, and all jobs without a key would count as the same.
      await boss.send(name, payload, {
        db: { executeSql: async (text, values = []) => ({ rows: await rowsOf(text, values) }) },
        singletonKey: key ?? randomUUID(),
      })
    },

    async work(name, concurrency, handler) {
      await boss.work(
        name,
        {
          localConcurrency: concurrency,
          batchSize: 1,
          pollingIntervalSeconds: pollMs / 1000,
          heartbeatRefreshSeconds: heartbeatMs / 1000,
        },
        async ([job]) => {
          if (job === undefined) return
          const execute = async (): Promise<void> => {
            const payload = payloadSchemas[name].parse(job.data)
            const signal = AbortSignal.any([job.signal, aborting.signal])
            let delayMs: number | null = null
            const putOff = (ms: number): void => {
              delayMs = ms
            }
            await handler({ id: job.id, payload, signal, putOff })
            if (delayMs !== null) await handOutLater(boss, name, job.id, delayMs)
          }
          const running = execute()
          underWay.add(running)
          try {
            await running
          } catch (error) {
            if (!aborting.signal.aborted && !job.signal.aborted) {
              const attempt = job.retryCount + 1
              options.onError(error, { name, id: job.id, attempt, givenUp: attempt > retries })
            }
            // The queue stores a thrown error with all of its properties. The log has it already.
            throw new Error(error instanceof LatchworkError ? error.code : 'failed')
          } finally {
            underWay.delete(running)
          }
        },
      )
    },

    async every(everyMs, handler) {
      repeating.add(
        repeatAsLeader(url, everyMs, handler, {
          stopping: stopping.signal,
          aborting: aborting.signal,
          onError: (error) => options.onError(error, null),
        }),
      )
    },

    async stop(graceMs) {
      stopping.abort()
      const graceOver = setTimeout(() => aborting.abort(), graceMs)
      // After this time pg-boss gives the jobs that are still under way to another worker.
      const [idle] = await Promise.all([
        allEnded(repeating, graceMs + abortedGraceMs),
        boss.stop({ graceful: true, timeout: graceMs }),
      ])
      clearTimeout(graceOver)
      if (idle && underWay.size === 0) return
      aborting.abort()
      await allEnded([...underWay, ...repeating], abortedGraceMs)
    },
  }
}

async function prepareQueues(boss: PgBoss, retries: number): Promise<void> {
  for (const name of Object.keys(payloadSchemas)) {
    await boss.createQueue(name, { policy: 'exclusive' })
    await boss.updateQueue(name, {
      retryLimit: retries,
      retryDelay: firstRetryMs / 1000,
      retryBackoff: true,
      retryDelayMax: longestRetryMs / 1000,
      expireInSeconds: longestJobSeconds,
      deleteAfterSeconds: keepDoneSeconds,
    })
  }
  // pg-boss accepts no heartbeat below 10 seconds, but uses the one in its table.
  await boss.getDb().executeSql(`update ${schema}.queue set heartbeat_seconds = $1`, [leaseMs / 1000])
}

/**
 * Puts the job at the end of the queue, as if it were new; pg-boss itself would count a failure. Its own later update
 * of the job has no effect.
 */
async function handOutLater(boss: PgBoss, name: string, id: string, delayMs: number): Promise<void> {
  await boss.getDb().executeSql(
    `update ${schema}.job set state = 'created', started_on = null, created_on = now(),
      start_after = now() + $3 * interval '1 millisecond' where name = $1 and id = $2 and state = 'active'`,
    [name, id, delayMs],
  )
}
