import { type BudgetUse, RateBudget } from '@latchwork/close'
import { afterEach, describe, expect, it } from 'vitest'
import type { OpenStores } from '../../src/app/stores.ts'
import { openUseStore } from '../../src/budget/use-store.ts'
import { BudgetUses } from '../../src/budget/uses.ts'
import { failing } from '../audit/faults.ts'
import { makePostgresPlace, makeSqlitePlace, openTestStores, type TestStores } from '../database/database.ts'

const hourMs = 3_600_000
/** A minute before an hour is over. */
const beganMs = Math.floor(Date.now() / hourMs) * hourMs - 60_000
const place = { organization: 'orga_1', key: 'one' }
const granted = (group: string, consumer: string, waitedMs = 0): BudgetUse => ({
  ...{ group, key: 'one', consumer, priority: 'interactive' },
  ...{ event: 'granted', waitedMs },
})
const answered = (observation: object): BudgetUse => ({
  ...{ group: 'GET lead', key: 'one', consumer: 'page', priority: 'interactive' },
  ...{ event: 'answered', observation },
})

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('who uses a budget is counted, on %s', (_database, makePlace) => {
  const opened: TestStores[] = []
  afterEach(async () => {
    for (const each of opened.splice(0)) await each[Symbol.asyncDispose]()
  })
  const open = async () => {
    const made = await openTestStores(makePlace)
    opened.push(made)
    const { stores } = made
    const store = openUseStore(stores.database)
    const logged: unknown[] = []
    const clock = { nowMs: beganMs, now: () => clock.nowMs }
    const process = () =>
      new BudgetUses({
        ...{ store, database: stores.database, clock },
        log: { error: (line: unknown) => void logged.push(line) },
      })
    const minutes = (group?: string) =>
      store.uses({ ...place, spanMs: 60_000, sinceMs: beganMs - hourMs }, group)
    const hours = () => store.uses({ ...place, spanMs: hourMs, sinceMs: beganMs - 2 * hourMs })
    const groups = () => store.groups({ ...place, spanMs: hourMs, sinceMs: 0 })
    return { stores, store, clock, logged, process, minutes, hours, groups }
  }
  const rowsIn = async ({ database }: OpenStores): Promise<number> =>
    (await database.tables.selectFrom('budgetUses').select('at').execute()).length

  it('by the minute and by the hour, of several processes together', async () => {
    const { clock, process, minutes, hours } = await open()
    const [one, two] = [process(), process()]
    one.note('orga_1', granted('GET lead', 'flow:1'))
    one.note('orga_1', granted('GET lead', 'flow:1', 99))
    two.note('orga_1', granted('GET lead', 'flow:1', 100))
    two.note('orga_1', granted('GET task', 'page'))
    two.note('orga_2', granted('GET lead', 'page'))
    await Promise.all([one.drain(), two.drain()])
    clock.nowMs += 60_000
    one.note('orga_1', granted('GET lead', 'flow:1'))
    await one.drain()
    await one.drain()
    const of = (found: readonly { at: number; consumer: string; requests: number; waited: number }[]) =>
      found
        .map(({ at, consumer, requests, waited }) => [at - beganMs, consumer, requests, waited])
        .sort((a, b) => String(a).localeCompare(String(b)))
    const later = clock.nowMs - beganMs
    expect(of(await minutes())).toEqual([
      [0, 'flow:1', 3, 1],
      [0, 'page', 1, 0],
      [later, 'flow:1', 1, 0],
    ])
    expect(of(await minutes('GET task'))).toEqual([[0, 'page', 1, 0]])
    const hour = 60_000 - hourMs
    expect(of(await hours())).toEqual(
      [
        [hour, 'flow:1', 3, 1],
        [hour, 'page', 1, 0],
        [later, 'flow:1', 1, 0],
      ].sort((a, b) => String(a).localeCompare(String(b))),
    )
  })

  it('with the limits that answers name, and with what is told to wait', async () => {
    const { process, groups } = await open()
    const one = process()
    one.note('orga_1', granted('GET lead', 'page'))
    one.note('orga_1', answered({ limit: 60, remaining: 1, resetSeconds: 0.2 }))
    await one.drain()
    expect(await groups()).toMatchObject([{ least: 60, most: 60, windowMs: 200, putOff: 0 }])
    one.note('orga_1', answered({ limit: 20, remaining: 1, resetSeconds: 0.9 }))
    one.note('orga_1', answered({ holdMs: 400 }))
    one.note('orga_1', { ...answered({}), event: 'refused' } as BudgetUse)
    one.note('orga_1', answered({ remaining: 1 }))
    await one.drain()
    expect(await groups()).toEqual([
      { group: 'GET lead', requests: 1, waited: 0, putOff: 2, least: 20, most: 60, windowMs: 900 },
    ])
  })

  it('in a bounded number of rows, whoever asks', async () => {
    const { stores, clock, process, minutes } = await open()
    const one = process()
    for (let index = 0; index < 300; index++) one.note('orga_1', granted('GET lead', `pass_${index}`))
    one.note('orga_1', granted('GET lead', 'pass_0'))
    one.note('orga_1', granted(`GET ${'x'.repeat(200)}`, 'pass_0'))
    await one.drain()
    expect(await rowsIn(stores)).toBe(2 * 201)
    const found = await minutes()
    expect(found.find(({ consumer }) => consumer === '')?.requests).toBe(101)
    expect(found.find(({ consumer }) => consumer === 'pass_0')?.requests).toBe(2)
    clock.nowMs += 60_000
    one.note('orga_1', granted('GET lead', 'pass_299'))
    await one.drain()
    expect((await minutes()).find(({ consumer }) => consumer === 'pass_299')?.requests).toBe(1)
  })

  it('once, also if the database is away for a while', async () => {
    const { stores, logged, process, minutes } = await open()
    const one = process()
    one.note('orga_1', granted('GET lead', 'page'))
    const mend = await failing(stores, 'insert', 'budget_uses')
    await one.drain()
    expect(logged).toHaveLength(1)
    await mend()
    one.note('orga_1', granted('GET lead', 'page'))
    await one.drain()
    expect(await minutes()).toMatchObject([{ consumer: 'page', requests: 2 }])
  })

  it('for as long as it is shown', async () => {
    const { stores, store, clock, process } = await open()
    const one = process()
    for (const ageMs of [0, 3 * hourMs, 30 * hourMs]) {
      clock.nowMs = Date.now() - ageMs
      one.note('orga_1', granted('GET lead', 'page'))
    }
    await one.drain()
    expect(await rowsIn(stores)).toBe(6)
    await store.sweep()
    expect(await rowsIn(stores)).toBe(3)
  })

  it('without a query for each request', async () => {
    const { store, clock, stores } = await open()
    const added: number[] = []
    const counting = new BudgetUses({
      store: {
        add: async (rows) => {
          added.push(rows.length)
          await store.add(rows)
        },
      },
      ...{ database: stores.database, clock, log: { error: () => undefined } },
    })
    const budget = new RateBudget({ onUse: (use) => counting.note('orga_1', use) })
    for (let count = 0; count < 500; count++) {
      const permit = await budget.acquire({ group: 'GET lead', key: 'one', consumer: 'page' })
      permit.release({ limit: 1_000, remaining: 999, resetSeconds: 1 })
    }
    await counting.drain()
    expect(added).toEqual([2])
  })
})
