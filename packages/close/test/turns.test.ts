import { RateBudget, type RatePermit, type RequestPriority } from '@latchwork/close'
import { describe, expect, it } from 'vitest'
import { ManualClock, settled } from './manual-clock.ts'

interface Ask {
  readonly consumer: string
  readonly priority?: RequestPriority
  readonly key?: string
  readonly group?: string
}

/** A budget that tells in which order it serves whom. */
function watched(options: ConstructorParameters<typeof RateBudget>[0] = {}) {
  const clock = new ManualClock()
  const budget = new RateBudget({ clock, ...options })
  const served: string[] = []
  const permits: RatePermit[] = []
  const ask = ({ consumer, group = 'GET lead', ...rest }: Ask): void => {
    void budget.acquire({ group, consumer, ...rest }).then((permit) => {
      served.push(consumer)
      permits.push(permit)
    })
  }
  return { clock, budget, served, permits, ask }
}

/** Serves one after the other until all have been. */
async function serveAll({ served, permits }: ReturnType<typeof watched>, count: number): Promise<void> {
  while (served.length < count) {
    permits.shift()?.release()
    await settled()
  }
}

describe('turns', () => {
  it('go round by consumer, however much one of them asks', async () => {
    const all = watched({ maxConcurrent: 1 })
    for (let count = 0; count < 6; count++) all.ask({ consumer: 'greedy' })
    all.ask({ consumer: 'modest' })
    all.ask({ consumer: 'other' })
    all.ask({ consumer: 'modest' })
    await settled()
    await serveAll(all, 9)
    expect(all.served.slice(0, 5)).toEqual(['greedy', 'modest', 'other', 'greedy', 'modest'])
  })

  it('are interactive first, and leave a backfill at least half of an even division', async () => {
    const all = watched({ maxConcurrent: 1 })
    const consumers = ['a', 'b', 'c'].flatMap((name) => [
      { consumer: `person ${name}`, priority: 'interactive' as const },
      { consumer: `flow ${name}`, priority: 'backfill' as const },
    ])
    for (let count = 0; count < 40; count++) for (const each of consumers) all.ask(each)
    await settled()
    await serveAll(all, 120)
    expect(all.served[1]).toMatch(/^person/)
    for (const { consumer } of consumers) {
      const turns = all.served.filter((name) => name === consumer).length
      expect(turns, consumer).toBeGreaterThanOrEqual(120 / 6 / 2)
    }
  })

  it('give a single backfill its part beside many people, and a single person beside many backfills', async () => {
    for (const [one, others] of [
      ['backfill', 'interactive'],
      ['interactive', 'backfill'],
    ] as const) {
      const all = watched({ maxConcurrent: 2 })
      for (let count = 0; count < 60; count++) {
        for (let each = 0; each < 9; each++) all.ask({ consumer: `many ${each}`, priority: others })
        all.ask({ consumer: 'one', priority: one })
      }
      await settled()
      await serveAll(all, 100)
      expect(all.served.filter((name) => name === 'one').length, one).toBeGreaterThanOrEqual(5)
      expect(all.served.filter((name) => name === 'many 8').length, others).toBeGreaterThanOrEqual(5)
    }
  })

  it('are told with how long each waited, what was answered, and what was refused', async () => {
    const uses: unknown[] = []
    const clock = new ManualClock()
    const budget = new RateBudget({ clock, maxConcurrent: 1, onUse: (use) => uses.push(use) })
    const first = await budget.acquire({ group: 'GET lead', key: 'one', consumer: 'page' })
    void budget.acquire({ group: 'GET task', key: 'two', consumer: 'flow:1', priority: 'backfill' })
    await clock.advance(70)
    first.release({ holdMs: 9_000 })
    const asked = { group: 'GET lead', key: 'one', consumer: 'page' }
    await expect(budget.acquire({ ...asked, maxWaitMs: 1_000, beside: true })).rejects.toMatchObject({
      code: 'rate_limited',
    })
    const page = { ...asked, priority: 'interactive' }
    const flow = { group: 'GET task', key: 'two', consumer: 'flow:1', priority: 'backfill' }
    expect(uses).toEqual([
      { ...page, event: 'granted', waitedMs: 0 },
      { ...page, event: 'answered', observation: { holdMs: 9_000 } },
      { ...flow, event: 'granted', waitedMs: 70 },
      { ...page, event: 'refused' },
    ])
  })
})

describe('the buckets of keys and of their organization', () => {
  const named = { limit: 20, remaining: 10, resetSeconds: 5 }

  it('are apart: a key that is told to wait keeps no other from sending', async () => {
    const { clock, budget, served, ask } = watched()
    const first = await budget.acquire({ group: 'GET lead', key: 'one' })
    first.release({ ...named, remaining: 0, holdMs: 2_000 })
    ask({ consumer: 'held', key: 'one' })
    ask({ consumer: 'free', key: 'two' })
    await clock.advance(1_999)
    expect(served).toEqual(['free'])
    await clock.advance(1)
    expect(served).toEqual(['free', 'held'])
  })

  it.each([
    ['no limit is named', {}],
    ["it is the organization's limit", { limit: 60, remaining: 0, resetSeconds: 2 }],
    ['the limit that is named is not reached', { limit: 20, remaining: 9, resetSeconds: 2 }],
  ])('all wait where %s', async (_name, said) => {
    const { clock, budget, served, ask } = watched()
    const known = await budget.acquire({ group: 'GET lead', key: 'one' })
    known.release(named)
    const first = await budget.acquire({ group: 'GET lead', key: 'one' })
    first.release({ ...said, holdMs: 2_000 })
    ask({ consumer: 'other key', key: 'two' })
    ask({ consumer: 'other group', key: 'one', group: 'GET task' })
    await clock.advance(1_999)
    expect(served).toEqual(['other group'])
    await clock.advance(1)
    expect(served).toEqual(['other group', 'other key'])
  })

  it('count each by the limit that an answer names', async () => {
    const { clock, budget, served, ask } = watched({ maxConcurrent: 100 })
    const one = await budget.acquire({ group: 'GET lead', key: 'one' })
    const two = await budget.acquire({ group: 'GET lead', key: 'two' })
    one.release({ limit: 20, remaining: 15, resetSeconds: 5 })
    two.release({ limit: 60, remaining: 3, resetSeconds: 1 })
    for (const key of ['one', 'two', 'one', 'two']) ask({ consumer: key, key })
    await settled()
    // What is left of the organization's.
    expect(served.length).toBe(3)
    await clock.advance(1_000)
    expect(served.length).toBe(4)
  })

  it('leave a tenth of a window to who waits for an answer, until its last quarter', async () => {
    const { clock, budget, served, ask } = watched({ maxConcurrent: 100 })
    const first = await budget.acquire({ group: 'GET lead' })
    first.release({ limit: 20, remaining: 4, resetSeconds: 4 })
    for (let count = 0; count < 4; count++) ask({ consumer: `flow ${count}`, priority: 'backfill' })
    await settled()
    expect(served.length).toBe(2)
    ask({ consumer: 'person' })
    await settled()
    expect(served[2]).toBe('person')
    await clock.advance(2_999)
    expect(served.length).toBe(3)
    await clock.advance(1)
    expect(served.length).toBe(4)
  })

  it('take nothing from a new window for what a late answer says of the last one', async () => {
    const { clock, budget, served, ask } = watched({ maxConcurrent: 100 })
    const late = await budget.acquire({ group: 'GET lead' })
    const first = await budget.acquire({ group: 'GET lead' })
    first.release({ limit: 3, remaining: 0, resetSeconds: 1 })
    await clock.advance(1_000)
    ask({ consumer: 'a' })
    await settled()
    late.release({ limit: 3, remaining: 0, resetSeconds: 0.01 })
    ask({ consumer: 'b' })
    ask({ consumer: 'c' })
    ask({ consumer: 'd' })
    await settled()
    expect(served).toEqual(['a', 'b', 'c'])
  })
})
