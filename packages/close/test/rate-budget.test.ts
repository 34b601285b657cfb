import { RateBudget, type RatePermit, type RequestPriority } from '@latchwork/close'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endpointGroup } from '../src/rate-budget.ts'
import { ManualClock, settled } from './manual-clock.ts'

type Asked = { name: string; permit: () => RatePermit; granted: () => boolean }

function ask(
  budget: RateBudget,
  name: string,
  priority: RequestPriority = 'interactive',
  group = 'GET lead',
): Asked {
  let permit: RatePermit | undefined
  budget.acquire({ group, priority }).then((given) => {
    permit = given
  })
  return {
    name,
    granted: () => permit !== undefined,
    permit: () => {
      if (permit === undefined) throw new Error(`${name} was not granted`)
      return permit
    },
  }
}

describe('endpointGroup', () => {
  it.each([
    ['/lead/', 'GET lead'],
    ['/lead/lead_IIDHIStmFcFQZZP0BRe99V1MCoXWz2PGCm6EDmR9v2O/', 'GET lead'],
    ['/activity/call/acti_Ay0QqN91HKAHVQUesISYV8QlhDobGfWb1Ui3TE75pJR/', 'GET activity'],
    ['/activity/status_change/lead/', 'GET activity'],
    ['/', 'GET '],
    ['/data/search/', 'GET data'],
  ])('%s is %s', (path, group) => expect(endpointGroup('GET', path)).toBe(group))
})

describe('RateBudget', () => {
  it('lets no more than the limit be in flight, and keeps one place for a person', async () => {
    const budget = new RateBudget({ clock: new ManualClock(), maxConcurrent: 3 })
    const backfills = ['a', 'b', 'c'].map((name) => ask(budget, name, 'backfill'))
    await settled()
    expect(backfills.map((asked) => asked.granted())).toEqual([true, true, false])
    const person = ask(budget, 'person')
    const another = ask(budget, 'another')
    await settled()
    expect([person.granted(), another.granted()]).toEqual([true, false])
    backfills[0]?.permit().release()
    await settled()
    expect([another.granted(), backfills[2]?.granted()]).toEqual([true, false])
  })

  it('sends nothing to a group while told to wait, and interactive requests first after it', async () => {
    const clock = new ManualClock()
    const budget = new RateBudget({ clock, maxConcurrent: 2 })
    const first = ask(budget, 'first')
    await settled()
    first.permit().release({ holdMs: 5_000 })
    const backfill = ask(budget, 'backfill', 'backfill')
    const person = ask(budget, 'person', 'interactive')
    const elsewhere = ask(budget, 'elsewhere', 'interactive', 'GET task')
    await clock.advance(4_999)
    expect([backfill.granted(), person.granted(), elsewhere.granted()]).toEqual([false, false, true])
    await clock.advance(1)
    expect([backfill.granted(), person.granted()]).toEqual([false, true])
    elsewhere.permit().release()
    person.permit().release()
    await settled()
    expect(backfill.granted()).toBe(true)
  })

  it('stops when the window is used up, before Close has to say so', async () => {
    const clock = new ManualClock()
    const budget = new RateBudget({ clock })
    const first = ask(budget, 'first')
    await settled()
    first.permit().release({ limit: 3, remaining: 2, resetSeconds: 1.5 })
    const next = ['a', 'b', 'c', 'd', 'e'].map((name) => ask(budget, name))
    await settled()
    expect(next.map((asked) => asked.granted())).toEqual([true, true, false, false, false])
    await clock.advance(1_500)
    expect(next.map((asked) => asked.granted())).toEqual([true, true, true, true, true])
  })

  it('does not wait for ever when Close falls silent about its limit', async () => {
    const clock = new ManualClock()
    const budget = new RateBudget({ clock, maxConcurrent: 1 })
    const first = ask(budget, 'first')
    await settled()
    first.permit().release({ limit: 1, remaining: 0, resetSeconds: 1 })
    for (const name of ['a', 'b', 'c']) {
      const next = ask(budget, name)
      await clock.advance(1_000)
      next.permit().release()
    }
  })

  it('counts requests in flight that the answer may not have counted', async () => {
    const budget = new RateBudget({ clock: new ManualClock() })
    const [first, second] = [ask(budget, 'first'), ask(budget, 'second')]
    await settled()
    first.permit().release({ limit: 9, remaining: 1, resetSeconds: 60 })
    const third = ask(budget, 'third')
    await settled()
    expect(third.granted()).toBe(false)
    second.permit().release({ limit: 9, remaining: 1, resetSeconds: 60 })
    await settled()
    expect(third.granted()).toBe(true)
  })

  it('refuses at once what would have to wait too long', async () => {
    const budget = new RateBudget({ clock: new ManualClock() })
    const first = ask(budget, 'first')
    await settled()
    first.permit().release({ holdMs: 61_000 })
    await expect(budget.acquire({ group: 'GET lead', maxWaitMs: 60_000 })).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: 61,
    })
  })

  it('refuses who waits already, once the wait turns out to be too long', async () => {
    const budget = new RateBudget({ clock: new ManualClock(), maxConcurrent: 1 })
    const first = ask(budget, 'first')
    const waits = budget.acquire({ group: 'GET lead', maxWaitMs: 60_000 })
    await settled()
    first.permit().release({ holdMs: 61_000 })
    await expect(waits).rejects.toMatchObject({ code: 'rate_limited', retryAfterSeconds: 61 })
  })

  it('sends no more at once after a wait than was taken before it, where no limit was named', async () => {
    const clock = new ManualClock()
    const budget = new RateBudget({ clock })
    const burst = ['a', 'b', 'c', 'd', 'e'].map((name) => ask(budget, name))
    await settled()
    for (const [index, each] of burst.entries()) each.permit().release(index < 3 ? {} : { holdMs: 2_000 })
    for (let window = 0; window < 3; window += 1) {
      await clock.advance(2_000)
      const next = ['a', 'b', 'c', 'd', 'e'].map((name) => ask(budget, name))
      await settled()
      expect(next.map((each) => each.granted())).toEqual([true, true, true, false, false])
      for (const each of next.slice(0, 3)) each.permit().release({})
      await clock.advance(2_000)
      for (const each of next.slice(3)) each.permit().release({})
      await clock.advance(2_000)
    }
  })

  it('sends one at a time where not even the first was taken', async () => {
    const clock = new ManualClock()
    const budget = new RateBudget({ clock })
    const refused = ask(budget, 'refused')
    await settled()
    refused.permit().release({ holdMs: 2_000 })
    const next = ['a', 'b', 'c'].map((name) => ask(budget, name))
    await clock.advance(2_000)
    expect(next.map((each) => each.granted())).toEqual([true, false, false])
    next[0]?.permit().release({})
    await settled()
    expect(next.map((each) => each.granted())).toEqual([true, true, false])
  })

  it('sends one at a time, and no slower, after refusals that named no time', async () => {
    const clock = new ManualClock()
    const budget = new RateBudget({ clock })
    const taken = ['a', 'b', 'c'].map((name) => ask(budget, name))
    await settled()
    for (const each of taken) each.permit().release({})
    // Each wait is longer than the one before, as the client has it and not the server.
    for (const holdMs of [1_000, 2_000, 4_000, 8_000]) {
      const refused = ask(budget, 'refused')
      await settled()
      refused.permit().release({ holdMs, isGuessed: true })
      await clock.advance(holdMs)
    }
    for (let round = 0; round < 20; round += 1) {
      const next = ['a', 'b'].map((name) => ask(budget, name))
      await settled()
      expect(next.map((each) => each.granted())).toEqual([true, false])
      next[0]?.permit().release({})
      await settled()
      next[1]?.permit().release({})
    }
  })

  it('waits for no place beside the others, and for what its group was told all the same', async () => {
    const clock = new ManualClock()
    const budget = new RateBudget({ clock, maxConcurrent: 1 })
    const holder = ask(budget, 'holder')
    let beside: RatePermit | undefined
    budget.acquire({ group: 'GET me', beside: true }).then((permit) => {
      beside = permit
    })
    await settled()
    expect([holder.granted(), beside !== undefined]).toEqual([true, true])
    beside?.release({ holdMs: 1_000 })
    let again = false
    budget.acquire({ group: 'GET me', beside: true }).then(() => {
      again = true
    })
    await clock.advance(999)
    expect(again).toBe(false)
    await clock.advance(1)
    expect(again).toBe(true)
  })

  it('forgets who stopped waiting', async () => {
    const clock = new ManualClock()
    const budget = new RateBudget({ clock, maxConcurrent: 1 })
    const first = ask(budget, 'first')
    const controller = new AbortController()
    const gone = budget.acquire({ group: 'GET lead', signal: controller.signal })
    const last = ask(budget, 'last')
    controller.abort(new Error('left'))
    await expect(gone).rejects.toThrow('left')
    first.permit().release()
    first.permit().release()
    await settled()
    expect(last.granted()).toBe(true)
    expect(clock.sleeperCount).toBe(0)
  })

  it('never exceeds the concurrency or a window, and grants everything in the end', async () => {
    const request = fc.record({
      priority: fc.constantFrom<RequestPriority>('interactive', 'backfill'),
      group: fc.constantFrom('GET lead', 'PUT lead'),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 10 }),
        async (requests, maxConcurrent, limit, order) => {
          const clock = new ManualClock()
          const budget = new RateBudget({ clock, maxConcurrent })
          const windows = new Map<string, { until: number; sent: number }>()
          const open: { permit: RatePermit; group: string }[] = []
          let granted = 0
          for (const { priority, group } of requests) {
            budget.acquire({ group, priority }).then((permit) => {
              granted += 1
              open.push({ permit, group })
            })
          }
          let turn = 0
          while (granted < requests.length || open.length > 0) {
            await settled()
            expect(open.length).toBeLessThanOrEqual(maxConcurrent)
            const [done] = open.splice((order[turn % order.length] ?? 0) % Math.max(1, open.length), 1)
            turn += 1
            if (done === undefined) {
              await clock.advance(1_000)
              continue
            }
            const old = windows.get(done.group)
            const window =
              old === undefined || old.until <= clock.now() ? { until: clock.now() + 1_000, sent: 0 } : old
            windows.set(done.group, window)
            window.sent += 1
            const resetSeconds = (window.until - clock.now()) / 1_000
            done.permit.release({ limit, remaining: Math.max(0, limit - window.sent), resetSeconds })
            // The first burst is blind: nothing was said yet. From then on no window is overdrawn.
            if (window.until > clock.now() + 1)
              expect(window.sent).toBeLessThanOrEqual(Math.max(limit, maxConcurrent))
          }
          expect(granted).toBe(requests.length)
          await settled()
          expect(clock.sleeperCount).toBe(0)
        },
      ),
      { numRuns: 60 },
    )
  })
})
