import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { sql } from 'kysely'
import { describe, it } from 'vitest'
import { openStores } from '../../src/app/stores.ts'
import type { MakePlace, TestPlace } from '../database/database.ts'

import { setScene, timeouts } from './ground.ts'

/** What a queue does with jobs whose process stops, or dies. */
export function describeStopping(name: string, makePlace: MakePlace): void {
  describe.concurrent(`jobs of a process that stops, on ${name}`, { timeout: 90_000 }, () => {
    it('lets jobs under way finish when it stops', async ({ expect }) => {
      await using scene = await setScene(makePlace)
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
      await using scene = await setScene(makePlace)
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
      await using scene = await setScene(makePlace)
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
      await using scene = await setScene(makePlace)
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
      await using scene = await setScene(makePlace)
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
