import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { sql } from 'kysely'
import { describe, it } from 'vitest'
import { type OpenStores, openStores } from '../../src/app/stores.ts'
import type { FailedJob, JobOptions, JobQueue } from '../../src/jobs/interface.ts'
import { openJobs } from '../../src/jobs/open.ts'
import type { MakePlace, TestPlace } from '../database/database.ts'
import { tablesHolding } from '../database/dump.ts'

const timeouts = { timeout: 40_000, interval: 20 }

/** A database with queues on it. */
class Scene implements AsyncDisposable {
  readonly failures: { error: unknown; job: FailedJob | null }[] = []
  readonly place: TestPlace
  stores: OpenStores
  readonly #queues = new Set<JobQueue>()

  constructor(place: TestPlace, stores: OpenStores) {
    this.place = place
    this.stores = stores
  }

  async open(options: Partial<JobOptions> = {}): Promise<JobQueue> {
    const onError: JobOptions['onError'] = (error, job) => this.failures.push({ error, job })
    const { databaseUrl } = this.place.settings
    const queue = await openJobs(this.stores.database, databaseUrl, { onError, ...options })
    this.#queues.add(queue)
    return queue
  }

  async close(queue: JobQueue, graceMs: number): Promise<void> {
    this.#queues.delete(queue)
    await queue.stop(graceMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#queues].map((queue) => queue.stop(0)))
    await this.stores.close()
    await this.place.remove()
  }
}

/** What every queue must do, whichever database it is on. At once, for they mostly wait. */
export function describeJobs(name: string, makePlace: MakePlace): void {
  const setScene = async (): Promise<Scene> => {
    const place = await makePlace()
    return new Scene(place, await openStores(place.settings))
  }

  describe.concurrent(`jobs on ${name}`, { timeout: 90_000 }, () => {
    it('#55 has a job of a unit of work when that is committed, and only then', async ({ expect }) => {
      await using scene = await setScene()
      const queue = await scene.open()
      const { database, metadata } = scene.stores
      const begun: (string | null)[] = []
      await queue.work('run', 1, async ({ payload }) => {
        begun.push(payload.runId, await metadata.get(payload.runId))
      })
      const enqueue = async (runId: string, fails: boolean): Promise<void> => {
        await metadata.set(runId, 'is there')
        await queue.enqueue('run', { runId })
        if (fails) throw new Error('taken back')
      }
      await expect(database.atomically(() => enqueue('lost', true))).rejects.toThrow('taken back')
      await database.atomically(() => enqueue('kept', false))
      await expect.poll(() => begun, timeouts).toEqual(['kept', 'is there'])
    })

    it('delivers a payload, and a key once at a time', async ({ expect }) => {
      await using scene = await setScene()
      const queue = await scene.open()
      for (let time = 0; time < 3; time++) await queue.enqueue('run', { runId: 'keyed' }, { key: 'k' })
      await queue.enqueue('run', { runId: 'other' }, { key: 'o' })
      await queue.enqueue('run', { runId: 'free' })
      await queue.enqueue('run', { runId: 'free' })
      const begun: string[] = []
      let release = () => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      await queue.work('run', 8, async ({ payload }) => {
        begun.push(payload.runId)
        if (payload.runId === 'keyed') await held
      })
      await expect.poll(() => [...begun].sort(), timeouts).toEqual(['free', 'free', 'keyed', 'other'])
      await queue.enqueue('run', { runId: 'keyed' }, { key: 'k' }) // dropped: the first is under way
      release()
      await expect
        .poll(async () => {
          await queue.enqueue('run', { runId: 'again' }, { key: 'k' }) // dropped until the first has finished
          return begun.includes('again')
        }, timeouts)
        .toBe(true)
      expect(begun.filter((runId) => runId === 'keyed')).toHaveLength(1)
      expect(scene.failures).toEqual([])
    })

    it('hands a job that was put off out again, which is no failure, and frees its place meanwhile', async ({
      expect,
    }) => {
      await using scene = await setScene()
      const queue = await scene.open()
      const begun: string[] = []
      await queue.work('run', 1, async ({ payload: { runId }, putOff }) => {
        begun.push(runId)
        // More often than a failure would be tried again.
        if (runId === 'waits' && begun.filter((id) => id === 'waits').length < 8) putOff(100)
      })
      await queue.enqueue('run', { runId: 'waits' }, { key: 'waits' })
      await expect.poll(() => begun, timeouts).toContain('waits')
      await queue.enqueue('run', { runId: 'waits' }, { key: 'waits' }) // dropped: it is not done
      await queue.enqueue('run', { runId: 'other' }, { key: 'other' })
      await expect
        .poll(() => begun.filter((id) => id === 'waits').length, { ...timeouts, timeout: 20_000 })
        .toBe(8)
      expect(begun.filter((id) => id === 'other')).toHaveLength(1)
      expect(scene.failures).toEqual([])
    })

    // On PostgreSQL leases are pg-boss's.
    if (name === 'SQLite') {
      it('does not hand out again what is still under way in this process, however long that stood still', async ({
        expect,
      }) => {
        await using scene = await setScene()
        const queue = await scene.open()
        const begun: string[] = []
        let release = () => {}
        const held = new Promise<void>((resolve) => {
          release = resolve
        })
        await queue.work('run', 2, async ({ payload }) => {
          begun.push(payload.runId)
          if (payload.runId === 'held') await held
        })
        await queue.enqueue('run', { runId: 'held' })
        await expect.poll(() => begun, timeouts).toEqual(['held'])
        // As after a while in which the machine slept, or had no time for this process.
        await sql`update jobs set lease_expires_at = 1`.execute(scene.stores.kysely)
        await queue.enqueue('run', { runId: 'next' })
        await expect.poll(() => begun, timeouts).toContain('next')
        expect(begun).toEqual(['held', 'next'])
        release()
      })
    }

    it('takes no more at once than it may', async ({ expect }) => {
      await using scene = await setScene()
      const queue = await scene.open()
      let active = 0
      let most = 0
      let done = 0
      for (let job = 0; job < 6; job++) await queue.enqueue('run', { runId: `${job}` })
      await queue.work('run', 2, async () => {
        active += 1
        most = Math.max(most, active)
        await new Promise((resolve) => setTimeout(resolve, 50))
        active -= 1
        done += 1
      })
      await expect.poll(() => done, timeouts).toBe(6)
      expect(most).toBe(2)
    })

    it('tries a failed job again after a while, and gives it up in the end', async ({ expect }) => {
      await using scene = await setScene()
      const queue = await scene.open({ retries: 2 })
      const begun: number[] = []
      await queue.work('run', 1, async () => {
        begun.push(Date.now())
        throw new Error(`attempt ${begun.length}`)
      })
      await queue.enqueue('run', { runId: 'bad' }, { key: 'bad' })
      await expect
        .poll(() => scene.failures.map(({ job }) => job?.givenUp), timeouts)
        .toEqual([false, false, true])
      expect(scene.failures.map(({ job }) => job?.attempt)).toEqual([1, 2, 3])
      expect(scene.failures[0]).toMatchObject({ error: { message: 'attempt 1' }, job: { name: 'run' } })
      expect((begun[1] ?? 0) - (begun[0] ?? 0)).toBeGreaterThanOrEqual(400)
      expect((begun[2] ?? 0) - (begun[1] ?? 0)).toBeGreaterThanOrEqual(400)
      await expect
        .poll(async () => {
          await queue.enqueue('run', { runId: 'bad' }, { key: 'bad' })
          return begun.length
        }, timeouts)
        .toBe(4)
    })

    it('#41 keeps nothing of what a failed job failed with', async ({ expect }) => {
      await using scene = await setScene()
      const queue = await scene.open({ retries: 0 })
      await queue.work('run', 1, async () => {
        const carried = { response: '535 no canary-4417', cause: new Error('canary-4417') }
        throw Object.assign(new Error('Refused: canary-4417'), carried)
      })
      await queue.enqueue('run', { runId: 'run_1' })
      await expect.poll(() => scene.failures.length, timeouts).toBe(1)
      // Stopped, it has written down all that it will.
      await scene.close(queue, 10_000)
      expect(await tablesHolding(scene.stores, ['canary-4417'])).toEqual([])
    })

    it('gives a job up whose payload is not one', async ({ expect }) => {
      await using scene = await setScene()
      const queue = await scene.open({ retries: 0 })
      await queue.enqueue('run', { runId: 'x' })
      const tamper =
        scene.stores.kind === 'sqlite'
          ? sql`update jobs set payload = '{"runId":7}'`
          : sql`update latchwork_jobs.job set data = '{"runId":7}'`
      await tamper.execute(scene.stores.kysely)
      let calls = 0
      await queue.work('run', 1, async () => {
        calls += 1
      })
      await expect.poll(() => scene.failures.map(({ job }) => job?.givenUp), timeouts).toEqual([true])
      expect(calls).toBe(0)
    })

    it('lets jobs under way finish when it stops', async ({ expect }) => {
      await using scene = await setScene()
      const queue = await scene.open()
      let calls = 0
      let finished = 0
      const handler = async () => {
        calls += 1
        await new Promise((resolve) => setTimeout(resolve, 300))
        finished += 1
      }
      await queue.work('run', 1, handler)
      await queue.enqueue('run', { runId: 'slow' })
      await expect.poll(() => calls, timeouts).toBe(1)
      await scene.close(queue, 10_000)
      expect(finished).toBe(1)
      const next = await scene.open()
      await next.work('run', 1, handler)
      await next.enqueue('run', { runId: 'second' })
      await expect.poll(() => finished, timeouts).toBe(2)
      expect(calls).toBe(2)
      expect(scene.failures).toEqual([])
    })

    it('aborts what outlives the grace, and another takes it up', async ({ expect }) => {
      await using scene = await setScene()
      const queue = await scene.open()
      let begun = false
      let ticking = false
      let aborted = false
      await queue.work('run', 1, async ({ signal }) => {
        begun = true
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
      })
      await queue.enqueue('run', { runId: 'endless' })
      await queue.every(50, (signal) => {
        ticking = true
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            aborted = true
            resolve()
          })
        })
      })
      await expect.poll(() => begun && ticking, timeouts).toBe(true)
      await scene.close(queue, 50)
      expect(aborted).toBe(true)
      const next = await scene.open()
      const taken: string[] = []
      await next.work('run', 1, async ({ payload }) => {
        taken.push(payload.runId)
      })
      await expect.poll(() => taken, timeouts).toEqual(['endless'])
      expect(scene.failures).toEqual([])
    })

    it('tells a handler that its job was taken away', async ({ expect }) => {
      await using scene = await setScene()
      const queue = await scene.open()
      let begun = false
      let aborted = false
      await queue.work('run', 1, async ({ signal }) => {
        begun = true
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        aborted = true
      })
      await queue.enqueue('run', { runId: 'stolen' })
      await expect.poll(() => begun, timeouts).toBe(true)
      const steal =
        scene.stores.kind === 'sqlite'
          ? sql`update jobs set lease_owner = 'somebody'`
          : sql`update latchwork_jobs.job set state = 'cancelled' where state = 'active'`
      await steal.execute(scene.stores.kysely)
      await expect.poll(() => aborted, timeouts).toBe(true)
    })

    it('repeats on one process at a time, also after an error, and hands on when that one stops', async ({
      expect,
    }) => {
      await using scene = await setScene()
      const first = await scene.open()
      const second = scene.stores.kind === 'postgres' ? await scene.open() : null
      const calls: string[] = []
      let active = 0
      let overlapped = false
      const handler = (who: string) => async () => {
        active += 1
        overlapped ||= active > 1
        calls.push(who)
        await new Promise((resolve) => setTimeout(resolve, 10))
        active -= 1
        if (calls.length === 1) throw new Error('once')
      }
      await first.every(20, handler('first'))
      await expect.poll(() => calls.length, timeouts).toBeGreaterThan(0)
      await second?.every(20, handler('second'))
      await expect.poll(() => calls.length, timeouts).toBeGreaterThan(5)
      expect(new Set(calls)).toEqual(new Set(['first']))
      expect(scene.failures).toMatchObject([{ error: { message: 'once' }, job: null }])
      await scene.close(first, 1_000)
      const before = calls.length
      if (second !== null)
        await expect.poll(() => calls.slice(before).includes('second'), timeouts).toBe(true)
      expect(overlapped).toBe(false)
    })

    it("takes a killed worker's job up again within seconds", async ({ expect }) => {
      await using scene = await setScene()
      await scene.stores.close()
      const child = spawnWorker(scene.place)
      try {
        await said(child, 'begun')
        child.kill('SIGKILL')
        await once(child, 'exit')
      } finally {
        child.kill('SIGKILL')
      }
      const killedAt = Date.now()
      scene.stores = await openStores(scene.place.settings)
      const queue = await scene.open()
      const taken: string[] = []
      const ticks: number[] = []
      await queue.work('run', 1, async ({ payload }) => {
        taken.push(payload.runId)
      })
      await queue.every(1_000, async () => {
        ticks.push(Date.now())
      })
      await expect.poll(() => taken, timeouts).toEqual(['of the killed'])
      await expect.poll(() => ticks.length, timeouts).toBeGreaterThan(0)
      // About 9 s at the worst; more only because the machine may be busy.
      expect(Date.now() - killedAt).toBeLessThan(15_000)
    })
  })
}

function spawnWorker(place: TestPlace): ChildProcess {
  const script = new URL('./worker-child.ts', import.meta.url).pathname
  const url = place.settings.databaseUrl?.reveal() ?? ''
  return spawn(process.execPath, [script, url, place.settings.dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function said(child: ChildProcess, word: string): Promise<void> {
  if (child.stdout === null) throw new Error('the child has no output')
  for await (const chunk of child.stdout.setEncoding('utf8')) if (String(chunk).includes(word)) return
  throw new Error('the child ended')
}
