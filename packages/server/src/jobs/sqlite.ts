import { randomUUID } from 'node:crypto'
import { doublingMs, newId } from '@latchwork/contract'
import { sql as sqlText } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Job, JobName, JobOptions, JobQueue } from './interface.ts'
import { payloadSchemas } from './payloads.ts'
import {
  abortedGraceMs,
  allEnded,
  defaultRetries,
  firstRetryMs,
  heartbeatMs,
  leaseMs,
  longestRetryMs,
  pause,
  pollMs,
} from './timing.ts'

interface TakenJob {
  readonly id: string
  readonly payload: string
  readonly attempts: number
  /** Unique to this attempt. */
  readonly owner: string
}

/** Jobs in a table of the SQLite file, which this process owns. Open one queue to a database. */
export async function openSqliteJobs({ sql, tables }: Database, options: JobOptions): Promise<JobQueue> {
  const retries = options.retries ?? defaultRetries
  const stopping = new AbortController()
  const aborting = new AbortController()
  const loops = new Set<Promise<void>>()
  const underWay = new Set<Promise<void>>()
  /** Ids of the jobs under way. A process that was suspended for longer than a lease has not lost them. */
  const held = new Set<string>()
  let wake = new AbortController()

  // Only one process opens the file, so the holders of leases have ended.
  await tables.updateTable('jobs').set({ leaseOwner: null, leaseExpiresAt: null }).execute()

  const take = async (name: JobName): Promise<TakenJob | null> => {
    const owner = randomUUID()
    const row = await tables
      .updateTable('jobs')
      .set((eb) => ({
        leaseOwner: owner,
        leaseExpiresAt: eb(sql.now, '+', leaseMs),
        attempts: eb('attempts', '+', 1),
      }))
      .where('id', '=', (eb) =>
        eb
          .selectFrom('jobs')
          .select('id')
          .where('name', '=', name)
          .where('dueAt', '<=', sql.now)
          .where((or) => or.or([or('leaseOwner', 'is', null), or('leaseExpiresAt', '<=', sql.now)]))
          .where('id', 'not in', [...held])
          .orderBy('dueAt')
          .orderBy('id')
          .limit(1),
      )
      .returning(['id', 'payload', 'attempts'])
      .executeTakeFirst()
    if (row === undefined) return null
    held.add(row.id)
    return { ...row, owner }
  }

  const erase = async ({ id, owner }: TakenJob): Promise<void> => {
    await tables.deleteFrom('jobs').where('id', '=', id).where('leaseOwner', '=', owner).execute()
  }

  const giveBack = async ({ id, owner }: TakenJob, delayMs: number, counts: boolean): Promise<void> => {
    await tables
      .updateTable('jobs')
      .set((eb) => ({
        leaseOwner: null,
        leaseExpiresAt: null,
        dueAt: eb(sql.now, '+', delayMs),
        ...(counts ? {} : { attempts: eb('attempts', '-', 1) }),
      }))
      .where('id', '=', id)
      .where('leaseOwner', '=', owner)
      .execute()
  }

  /** Renews the lease until `ended`. Aborts `lost` when another worker has the job. */
  const keepLease = async (job: TakenJob, lost: AbortController, ended: AbortSignal): Promise<void> => {
    for (;;) {
      await pause(heartbeatMs, ended)
      if (ended.aborted) return
      const { numUpdatedRows } = await tables
        .updateTable('jobs')
        .set((eb) => ({ leaseExpiresAt: eb(sql.now, '+', leaseMs) }))
        .where('id', '=', job.id)
        .where('leaseOwner', '=', job.owner)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) return lost.abort()
    }
  }

  const execute = async <N extends JobName>(
    name: N,
    job: TakenJob,
    handler: (job: Job<N>) => Promise<void>,
  ): Promise<void> => {
    const lost = new AbortController()
    const ended = new AbortController()
    const lease = keepLease(job, lost, ended.signal)
    lease.catch((error: unknown) => options.onError(error, null))
    try {
      const payload = payloadSchemas[name].parse(JSON.parse(job.payload))
      let delayMs: number | null = null
      await handler({
        id: job.id,
        payload,
        signal: AbortSignal.any([lost.signal, aborting.signal]),
        putOff: (ms) => {
          delayMs = ms
        },
      })
      if (delayMs !== null) await giveBack(job, delayMs, false)
      else await erase(job)
    } catch (error) {
      if (aborting.signal.aborted) return await giveBack(job, 0, false)
      const givenUp = job.attempts > retries
      options.onError(error, { name, id: job.id, attempt: job.attempts, givenUp })
      if (givenUp) await erase(job)
      else await giveBack(job, doublingMs(job.attempts, firstRetryMs, longestRetryMs), true)
    } finally {
      ended.abort()
      held.delete(job.id)
    }
  }

  const loop = (step: () => Promise<void>): void => {
    const running = (async () => {
      while (!stopping.signal.aborted) {
        try {
          await step()
        } catch (error) {
          options.onError(error, null)
          await pause(pollMs, stopping.signal)
        }
      }
    })()
    loops.add(running)
  }

  return {
    async enqueue(name, payload, { key } = {}) {
      await tables
        .insertInto('jobs')
        .values({
          id: newId('job'),
          name,
          payload: JSON.stringify(payload),
          jobKey: key ?? null,
          dueAt: sql.now,
        })
        .onConflict((conflict) =>
          conflict.columns(['name', 'jobKey']).where(sqlText<boolean>`job_key is not null`).doNothing(),
        )
        .execute()
      wake.abort()
      wake = new AbortController()
    },

    async work(name, concurrency, handler) {
      for (let worker = 0; worker < concurrency; worker++) {
        loop(async () => {
          const woken = wake.signal // before the look, so that a job that comes meanwhile is not missed
          const job = await take(name)
          if (job === null) return pause(pollMs, woken)
          const running = execute(name, job, handler)
          underWay.add(running)
          await running.finally(() => underWay.delete(running))
        })
      }
    },

    async every(everyMs, handler) {
      loop(async () => {
        const running = handler(aborting.signal)
        underWay.add(running)
        try {
          await running
        } catch (error) {
          if (!aborting.signal.aborted) options.onError(error, null)
        } finally {
          underWay.delete(running)
        }
        await pause(everyMs, stopping.signal)
      })
    },

    async stop(graceMs) {
      stopping.abort()
      wake.abort()
      if (!(await allEnded(underWay, graceMs))) aborting.abort()
      await allEnded(loops, abortedGraceMs)
    },
  }
}
