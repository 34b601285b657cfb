import type { DataRecord } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parameterFaults } from '../../src/close/parameter-faults.ts'
import { Mirror } from './mirror.ts'
import { answerOf, idsOf, listIn, openSandboxSource } from './stream-reading.ts'

const dayMs = 86_400_000
const owner = 'cf_1234567890123456789012345678901234567890123'

let sandbox: Sandbox
let people: string[] = []
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 60, now: Date.parse('2026-05-01T12:00:00Z') })
  const record = { id: owner, object_type: 'lead', name: 'Lead Owner', type: 'user' }
  sandbox.control.insert({ type: 'custom_field', record })
  people = listIn(await answerOf(sandbox, '/user/'), 'data').map(({ id }) => String(id))
  return () => sandbox.close()
})

const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
const edit = (type: string, row: DataRecord | undefined, changes: Record<string, string | null>) =>
  sandbox.control.edit({ type, id: String(row?.['id']), changes })
const later = (milliseconds = 3_600_000) => sandbox.control.advanceClock(milliseconds)
const today = () => new Date(sandbox.control.now()).toISOString().slice(0, 10)
const dayOf = (days: number) => new Date(sandbox.control.now() - days * dayMs).toISOString().slice(0, 10)

describe('the owner of leads', () => {
  beforeEach(() => {
    for (const [at, lead] of truth('lead').entries()) {
      edit('lead', lead, { [`custom.${owner}`]: at % 3 === 0 ? (people[at % 2] ?? null) : null })
    }
    later()
  })

  it('is a person in a custom field of users, both chosen by name', async () => {
    const source = await openSandboxSource(sandbox)
    const options = (await source.options?.('leads', 'owner')) ?? []
    const mine = options.filter(({ group }) => group === 'Lead Owner')
    expect(mine.length).toBe(people.length)
    expect(mine.every(({ label }) => label.includes('@'))).toBe(true)
  })

  it('keeps the leads of the person, and follows who takes one over', async () => {
    const [person = '', other = ''] = people
    const mirror = new Mirror(sandbox, 'leads', ['name'], { owner: `${owner}:${person}` })
    await mirror.run()
    const owned = () => truth('lead').filter((lead) => lead[`custom.${owner}`] === person)
    expect(owned().length).toBeGreaterThan(2)
    expect(mirror.ids()).toEqual(idsOf(owned()))
    later()
    edit('lead', owned()[0], { [`custom.${owner}`]: other })
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf(owned()))
    expect(mirror.deleted).toHaveLength(1)
    const both = new Mirror(sandbox, 'leads', ['name'], { owner: `${owner}:${person},${owner}:${other}` })
    await both.run()
    expect(both.ids()).toEqual(idsOf(truth('lead').filter((lead) => lead[`custom.${owner}`] != null)))
  })
})

describe('when opportunities were won', () => {
  it('keeps both days of the range, and what leaves it is deleted', async () => {
    const rows = truth('opportunity')
    for (const [at, days] of [
      [0, 10],
      [1, 5],
      [2, 4],
      [3, 1],
    ] as const) {
      edit('opportunity', rows[at], { date_won: dayOf(days) })
    }
    for (const row of rows.slice(4)) edit('opportunity', row, { date_won: null })
    later()
    const range = { won_from: dayOf(10), won_to: dayOf(4) }
    const mirror = new Mirror(sandbox, 'opportunities', ['date_won'], range)
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf(rows.slice(0, 3)))
    later()
    edit('opportunity', rows[1], { date_won: dayOf(3) })
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf([rows[0] ?? {}, rows[2] ?? {}]))
  })
})

describe('when tasks are due', () => {
  it('keeps both days of the range, of days and of moments, and what is put off leaves', async () => {
    const rows = truth('task')
    const dates = [
      dayOf(3),
      `${dayOf(2)}T09:30:00.000000+00:00`,
      dayOf(1),
      `${dayOf(4)}T23:59:59.000000+00:00`,
    ]
    for (const [at, row] of rows.entries()) edit('task', row, { date: dates[at] ?? dayOf(40) })
    later()
    const mirror = new Mirror(sandbox, 'tasks', ['due_date'], { due_from: dayOf(3), due_to: dayOf(1) })
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf(rows.slice(0, 3)))
    later()
    edit('task', rows[1], { date: dayOf(0) })
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf([rows[0] ?? {}, rows[2] ?? {}]))
  })
})

describe('whether an opportunity is stalled', () => {
  it('is followed though nobody changes the opportunity', async () => {
    const rows = truth('opportunity')
    const stall = (row: DataRecord | undefined, is_stalled: boolean) =>
      sandbox.control.edit({
        ...{ type: 'opportunity', id: String(row?.['id']) },
        changes: { is_stalled, date_updated: String(row?.['date_updated']) },
      })
    const mirror = new Mirror(sandbox, 'opportunities', ['name'], { is_stalled: 'true' })
    stall(rows[0], true)
    stall(rows[1], true)
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf(rows.slice(0, 2)))
    later(40 * dayMs)
    stall(rows[0], false)
    stall(rows[2], true)
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf(rows.slice(1, 3)))
  })
})

describe('when a record was changed for the last time', () => {
  it.each(['lead', 'contact', 'opportunity', 'task'])('is a range of days: %s', async (type) => {
    const stream = type === 'opportunity' ? 'opportunities' : `${type}s`
    const [from, to] = [dayOf(150), dayOf(50)]
    for (const [at, row] of truth(type).entries()) {
      edit(type, row, { date_updated: `${dayOf((at % 4) * 50)}T23:59:59.000000+00:00` })
    }
    const kept = () =>
      truth(type).filter((row) => {
        const day = String(row['date_updated']).slice(0, 10)
        return day >= from && day <= to
      })
    const mirror = new Mirror(sandbox, stream, ['lead_id'], { updated_from: from, updated_to: to })
    await mirror.run()
    expect(kept().length).toBeGreaterThan(1)
    expect(kept().length).toBeLessThan(truth(type).length)
    expect(mirror.ids()).toEqual(idsOf(kept()))
    later()
    const gone = kept()[0] ?? {}
    edit(type, gone, { date_updated: new Date(sandbox.control.now()).toISOString() })
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf(kept()))
    expect(mirror.deleted).toContain(gone['id'])
  })
})

describe('a day that is counted back from each run', () => {
  it('moves on with the time: what is older leaves, without a change of its own', async () => {
    const mirror = new Mirror(sandbox, 'leads', ['date_created'], { created_from: '30 days ago' })
    const young = (days: number) => truth('lead').filter((row) => String(row['date_created']) >= dayOf(days))
    const made = sandbox.control.insert({ type: 'lead', record: { name: 'Young' } })
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf(young(30)))
    expect(mirror.ids()).toContain(made['id'])
    later(20 * dayMs)
    mirror.clock.shiftMs += 20 * dayMs
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf(young(30)))
    later(11 * dayMs)
    mirror.clock.shiftMs += 11 * dayMs
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf(young(30)))
    expect(mirror.ids()).not.toContain(made['id'])
  })

  it('is one in lists, too', async () => {
    const source = await openSandboxSource(sandbox)
    const read = async (parameters: Record<string, string>) => {
      const selection = { stream: 'task_completions', mode: 'full', columns: [], parameters } as const
      const reader = await source.open(selection, 'run', new AbortController().signal)
      const records: DataRecord[] = []
      for await (const batch of reader.batches(null)) records.push(...batch.records)
      return idsOf(records)
    }
    const days = Math.floor(
      (Date.now() - Date.parse(String(truth('task_completed')[0]?.['date_created']).slice(0, 10))) / dayMs,
    )
    const day = new Date(Date.now() - days * dayMs).toISOString().slice(0, 10)
    const kept = truth('task_completed').filter((row) => String(row['date_created']) >= day)
    expect(await read({ created_from: `${days} days ago` })).toEqual(idsOf(kept))
  })

  it('can’t end before it begins', () => {
    const faultsOf = (created_from: string, created_to: string) =>
      Object.keys(parameterFaults('leads', { created_from, created_to }))
    expect(faultsOf('30 days ago', '7 days ago')).toEqual([])
    expect(faultsOf('7 days ago', '30 days ago')).toEqual(['created_to'])
    expect(faultsOf('2026-01-02', '2026-01-01')).toEqual(['created_to'])
    // Nobody knows when a run will be.
    expect(faultsOf(today(), '400 days ago')).toEqual([])
    expect(
      Object.keys(parameterFaults('opportunities', { won_from: '2 days ago', won_to: '3 days ago' })),
    ).toEqual(['won_to'])
    expect(Object.keys(parameterFaults('tasks', { due_from: '2026-02-02', due_to: '2026-02-01' }))).toEqual([
      'due_to',
    ])
  })
})
