import { sql } from 'kysely'
import { describe, it } from 'vitest'
import type { MakePlace } from '../database/database.ts'
import { tablesHolding } from '../database/dump.ts'

import { setScene, timeouts } from './ground.ts'

/** What every queue must do, whichever database it is on. At once, for they mostly wait. */
export function describeJobs(name: string, makePlace: MakePlace): void {
  describe.concurrent(`jobs on ${name}`, { timeout: 90_000 }, () => {
    it('#55 has a job of a unit of work when that is committed, and only then', async ({ expect }) => {
      await using scene = await setScene(makePlace)
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
      await using scene = await setScene(makePlace)
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
      await using scene = await setScene(makePlace)
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
        await using scene = await setScene(makePlace)
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
      await using scene = await setScene(makePlace)
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
      await using scene = await setScene(makePlace)
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
      await using scene = await setScene(makePlace)
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
      await using scene = await setScene(makePlace)
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
  })
}
