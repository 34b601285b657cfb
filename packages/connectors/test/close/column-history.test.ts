import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Mirror } from './mirror.ts'

const seats = 'cf_1234567890123456789012345678901234567890123'
const column = `custom.${seats}`

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox({ leads: 60 })
  define()
  for (const id of leads().slice(0, 3)) edit(id, 12)
  later()
})
afterEach(() => sandbox.close())

const truth = () => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'lead')
const leads = () => truth().map((lead) => String(lead['id']))
const field = { type: 'custom_field', id: seats }
const define = (): void => {
  const record = { id: seats, object_type: 'lead', name: 'Seats', type: 'number' }
  sandbox.control.insert({ type: field.type, record })
}
const edit = (id: string, value: number | null): void => {
  sandbox.control.edit({ type: 'lead', id, changes: { [column]: value } })
}
/** Beyond what is read again in any case. */
const later = () => sandbox.control.advanceClock(3_600_000)

/** Of each lead, by its id; null where it has none. */
const valuesIn = (records: Iterable<Readonly<Record<string, unknown>>>) =>
  Object.fromEntries([...records].map((record) => [String(record['id']), record[column] ?? null]))
const expectEqual = (mirror: Mirror) => expect(valuesIn(mirror.records.values())).toEqual(valuesIn(truth()))

describe('a column that is read from now on', () => {
  it('of a new field brings the records that have a value in it, and no others', async () => {
    sandbox.control.remove(field)
    const mirror = new Mirror(sandbox, 'leads')
    await mirror.run()
    later()
    define()
    await mirror.run()
    expectEqual(mirror)
    expect(mirror.read).toHaveLength(3)
    expect([mirror.deleted, mirror.comparisons]).toEqual([[], 0])
    later()
    await mirror.run()
    expect(mirror.read).toEqual([])
  })

  it('that a flow has chosen brings its history, also where the run is cut off', async () => {
    const mirror = new Mirror(sandbox, 'leads', ['name'])
    await mirror.run()
    later()
    mirror.pick(['name', column])
    await mirror.run(0)
    await mirror.run(1)
    await mirror.run()
    expectEqual(mirror)
    later()
    mirror.pick(['name', column, 'description'])
    await mirror.run()
    expect(mirror.read).toHaveLength(truth().length)
  })

  it('once more brings all records: a value may be gone that the destination still has', async () => {
    const mirror = new Mirror(sandbox, 'leads')
    await mirror.run()
    later()
    sandbox.control.remove(field)
    await mirror.run()
    later()
    edit(leads()[0] ?? '', null)
    await mirror.run()
    later()
    define()
    await mirror.run()
    expectEqual(mirror)
    expect(mirror.read).toHaveLength(truth().length)
  })
})

describe('a custom field of another type', () => {
  /** Close changes the values with the type: no record has a later date by that. */
  const become = (
    changes: Record<string, string | boolean>,
    value: (seats: unknown) => number[] | string | null,
  ) => {
    sandbox.control.edit({ ...field, changes })
    for (const { id, date_updated, ...lead } of truth().filter((each) => each[column] != null)) {
      const kept = { [column]: value(lead[column]), date_updated: String(date_updated) }
      sandbox.control.edit({ type: 'lead', id: String(id), changes: kept })
    }
  }

  it.each([
    ['takes several values', { accepts_multiple_values: true }, (seats: unknown) => [Number(seats)]],
    [
      'is text, or has lost its value',
      { type: 'text' },
      (seats: unknown) => (seats === 12 ? null : `${seats} seats`),
    ],
  ])('brings the values that all records have now: %s', async (_, changes, value) => {
    edit(leads()[3] ?? '', 7)
    later()
    for (const columns of [[], ['name', column]]) {
      const mirror = new Mirror(sandbox, 'leads', columns)
      await mirror.run()
      later()
      await mirror.run()
      expect(mirror.read).toEqual([])
      if (columns.length === 0) become(changes, value)
      await mirror.run()
      expectEqual(mirror)
      expect(mirror.read).toHaveLength(columns.length === 0 ? truth().length : 0)
      later()
      await mirror.run()
      expect([mirror.read, mirror.comparisons]).toEqual([[], 0])
    }
  })
})

describe('a column that was chosen and is not there any more', () => {
  it('is left out of a run, and is a fault where somebody tries it', async () => {
    const mirror = new Mirror(sandbox, 'leads', ['name', column])
    await mirror.run()
    later()
    sandbox.control.remove(field)
    const reader = await mirror.open()
    expect(reader.columns.map(({ name }) => name)).toEqual(['id', 'name'])
    edit(leads()[5] ?? '', 3)
    await mirror.run()
    expect(mirror.read).toHaveLength(1)
    await expect(mirror.open('sample')).rejects.toMatchObject({ code: 'invalid_input' })
  })
})
