import { setTimeout as delay } from 'node:timers/promises'
import { type Budget, type RatePermit, systemClock } from '@latchwork/close'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openBudgets } from '../../src/budget/budgets.ts'
import { openDatabase } from '../../src/database/open.ts'
import { makePostgresPlace, makeSqlitePlace, type TestPlace } from '../database/database.ts'

const group = 'GET lead'
/** What is said of a key's limit. */
const said = (limit: number, remaining: number, resetSeconds: number) => ({ limit, remaining, resetSeconds })

/** A process with a budget. `die` leaves everything as a killed process does. */
async function openProcess({ settings }: TestPlace, leaseMs?: number) {
  const database = await openDatabase(settings)
  const parts = { database, databaseUrl: settings.databaseUrl, clock: systemClock }
  const budgets = openBudgets({ ...parts, ...(leaseMs === undefined ? {} : { leaseMs }) })
  const close = async (): Promise<void> => {
    await budgets.close()
    await database.close()
  }
  onTestFinished(close)
  return { budget: budgets.of('orga_1'), sweep: () => budgets.sweep(), database }
}

async function placeOf(make: () => Promise<TestPlace>): Promise<TestPlace> {
  const place = await make()
  onTestFinished(() => place.remove())
  return place
}

/** When a permit was granted after now, in milliseconds. */
async function grantedAfter(budget: Budget, options: Partial<Parameters<Budget['acquire']>[0]> = {}) {
  const begunAt = performance.now()
  const permit = await budget.acquire({ group, key: 'one', ...options })
  const atMs = performance.now()
  return { permit, atMs, ms: atMs - begunAt }
}

/** How many of so many requests at once are granted within a time. */
async function grantedWithin(budget: Budget, count: number, ms: number): Promise<RatePermit[]> {
  const permits: RatePermit[] = []
  const signal = AbortSignal.timeout(ms)
  const asked = Array.from({ length: count }, (_, index) =>
    budget
      .acquire({ group, key: 'one', consumer: `${index}`, beside: true, signal })
      .then((permit) => permits.push(permit)),
  )
  await Promise.allSettled(asked)
  return permits
}

const places = [
  ['in the process', makeSqlitePlace],
  ['in PostgreSQL', makePostgresPlace],
] as const

describe.each(places)('the budget of an organization, %s', { timeout: 30_000 }, (_name, make) => {
  it('sends nothing with a key while told to wait', async () => {
    const { budget } = await openProcess(await placeOf(make))
    const { permit } = await grantedAfter(budget)
    permit.release({ ...said(20, 0, 2), holdMs: 2_000 })
    const [held, other] = await Promise.all([grantedAfter(budget), grantedAfter(budget, { key: 'two' })])
    expect(held.ms).toBeGreaterThanOrEqual(1_990)
    expect(other.ms).toBeLessThan(1_500)
  })

  it('sends nothing to a group with any key where none is named', async () => {
    const { budget } = await openProcess(await placeOf(make))
    let toldAt = 0
    // The other key has permits in hand.
    for (const key of ['two', 'one']) {
      const { permit } = await grantedAfter(budget, { key })
      toldAt = performance.now()
      permit.release(key === 'one' ? { holdMs: 2_000 } : {})
    }
    await delay(200)
    const [held, elsewhere] = await Promise.all([
      grantedAfter(budget, { key: 'two' }),
      grantedAfter(budget, { key: 'two', group: 'GET task' }),
    ])
    expect(held.atMs - toldAt).toBeGreaterThanOrEqual(1_990)
    expect(elsewhere.ms).toBeLessThan(1_500)
  })

  it('sends no more in a window than is left of it', async () => {
    const { budget } = await openProcess(await placeOf(make))
    const { permit } = await grantedAfter(budget)
    permit.release(said(8, 5, 5))
    const granted = await grantedWithin(budget, 20, 1_500)
    expect(granted.length).toBe(5)
    for (const each of granted) each.release(said(8, 0, 2))
    expect((await grantedAfter(budget)).ms).toBeGreaterThan(1_500)
  })

  it('goes on after silence', async () => {
    const { budget } = await openProcess(await placeOf(make))
    const { permit } = await grantedAfter(budget)
    permit.release(said(1, 0, 0.1))
    for (let count = 0; count < 3; count++) (await grantedAfter(budget)).permit.release()
  })

  it('refuses what would wait too long, and forgets who has left', async () => {
    const { budget } = await openProcess(await placeOf(make))
    const { permit } = await grantedAfter(budget)
    permit.release({ ...said(20, 0, 30), holdMs: 30_000 })
    await expect(grantedAfter(budget, { maxWaitMs: 20_000 })).rejects.toMatchObject({ code: 'rate_limited' })
    const signal = AbortSignal.timeout(20)
    await expect(grantedAfter(budget, { signal })).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it('serves consumers in turn', async () => {
    const { budget } = await openProcess(await placeOf(make))
    const { permit } = await grantedAfter(budget)
    permit.release(said(4, 4, 0.2))
    const served: string[] = []
    const ask = async (consumer: string) => {
      const given = await budget.acquire({ group, key: 'one', consumer })
      served.push(consumer)
      await delay(5)
      given.release()
    }
    await Promise.all([...Array(12).fill('greedy'), 'modest', 'modest', 'other'].map(ask))
    expect(served.slice(0, 8).filter((name) => name === 'modest').length).toBeGreaterThan(0)
    expect(served.slice(0, 8)).toContain('other')
  })
})

describe('a budget that processes share', { timeout: 30_000 }, () => {
  it('lets them send no more in a window together than is left of it', async () => {
    const place = await placeOf(makePostgresPlace)
    const [one, two] = [await openProcess(place), await openProcess(place)]
    const { permit } = await grantedAfter(one.budget)
    permit.release(said(12, 10, 20))
    await delay(500)
    const granted = await Promise.all([
      grantedWithin(one.budget, 12, 3_000),
      grantedWithin(two.budget, 12, 3_000),
    ])
    expect(granted.flat().length).toBe(10)
  })

  it('lets nobody send while one of them is told to wait, not even with what it has in hand', async () => {
    const place = await placeOf(makePostgresPlace)
    const [one, two] = [await openProcess(place), await openProcess(place)]
    const [told, other] = [await grantedAfter(one.budget), await grantedAfter(two.budget)]
    other.permit.release({})
    const again = await grantedAfter(two.budget)
    const toldAt = performance.now()
    told.permit.release({ holdMs: 2_000 })
    await delay(500)
    const held = await grantedAfter(two.budget)
    expect(held.atMs - toldAt).toBeGreaterThanOrEqual(1_990)
    again.permit.release()
  })

  it('has back what a dead process held, once its lease has ended', async () => {
    const place = await placeOf(makePostgresPlace)
    const [dead, other] = [await openProcess(place, 3_000), await openProcess(place, 3_000)]
    const { permit } = await grantedAfter(dead.budget)
    permit.release(said(6, 6, 60))
    await delay(300)
    expect((await grantedWithin(dead.budget, 6, 1_500)).length).toBe(6)
    await dead.database.close()
    expect((await grantedWithin(other.budget, 6, 300)).length).toBe(0)
    await delay(3_500)
    expect((await grantedWithin(other.budget, 6, 3_000)).length).toBe(6)
  })

  it('is forgotten after a day without a request', async () => {
    const { budget, sweep, database } = await openProcess(await placeOf(makePostgresPlace))
    const { permit } = await grantedAfter(budget)
    permit.release({})
    await delay(500)
    const rows = () => database.tables.selectFrom('sharedBudgets').select('touchedAt').execute()
    await sweep()
    expect((await rows()).length).toBe(1)
    await database.tables
      .updateTable('sharedBudgets')
      .set({ touchedAt: Date.now() - 86_500_000 })
      .execute()
    await sweep()
    expect((await rows()).length).toBe(0)
  })

  it('costs fewer exchanges than requests, also where Close says nothing of limits', async () => {
    const { budget, database } = await openProcess(await placeOf(makePostgresPlace))
    for (let count = 0; count < 400; count++) (await grantedAfter(budget)).permit.release({})
    await delay(500)
    const { state } = await database.tables
      .selectFrom('sharedBudgets')
      .select('state')
      .executeTakeFirstOrThrow()
    const { accepted } = JSON.parse(state).buckets.organization
    // Each lease is one moment at which requests were taken.
    expect(accepted.length).toBeLessThan(110)
  })
})
