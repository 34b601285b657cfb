import { closeTimestamp } from '@latchwork/close'
import { type Sandbox, startSandbox } from 'close-sandbox'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testContext } from '../context.ts'
import { type Readings, readings } from './readings.ts'

/** Few moments and many changes: dates are equal more often than not. */
const moment = fc.constantFrom(0, 1, 2, 5_000, 400_000, 4_000_000)
const change = fc.oneof(
  fc.record({ what: fc.constant('edit' as const), of: fc.nat({ max: 30 }), many: fc.nat({ max: 12 }) }),
  fc.record({ what: fc.constant('insert' as const), of: fc.nat({ max: 30 }), many: fc.nat({ max: 12 }) }),
)
const removal = fc.oneof(
  change,
  fc.record({ what: fc.constant('remove' as const), of: fc.nat({ max: 30 }), many: fc.nat({ max: 2 }) }),
  fc.record({ what: fc.constant('merge' as const), of: fc.nat({ max: 30 }), many: fc.nat({ max: 30 }) }),
)
type Change = {
  readonly what: 'edit' | 'insert' | 'remove' | 'merge'
  readonly of: number
  readonly many: number
}

/** What happens between the pages and the runs. */
const plan = (changes: fc.Arbitrary<Change>) =>
  fc.record({
    pageSize: fc.integer({ min: 1, max: 9 }),
    leads: fc.integer({ min: 2, max: 6 }),
    runs: fc.array(
      fc.record({
        before: fc.array(fc.tuple(moment, changes), { maxLength: 4 }),
        /** After which page. */
        within: fc.array(fc.tuple(fc.nat({ max: 6 }), changes), { maxLength: 2 }),
        /** So many batches, then it is cut off. */
        most: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 4 })),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
type Plan = ReturnType<typeof plan> extends fc.Arbitrary<infer P> ? P : never

function apply({ control, organizations }: Sandbox, { what, of, many }: Change): void {
  const all = (type: string) => control.truth(organizations[0]?.id ?? '', type).map(({ id }) => String(id))
  const [contacts, leads] = [all('contact'), all('lead')]
  const at = <T>(list: readonly T[], index: number): T[] =>
    list.slice(index % list.length, (index % list.length) + 1)
  const [lead = ''] = at(leads, of)
  if (what === 'edit') {
    const ids = contacts.slice(of % contacts.length).slice(0, many + 1)
    control.bulkEdit({ type: 'contact', ids, changes: { title: `Title ${control.now()} ${of}` } })
  } else if (what === 'insert') {
    for (let each = 0; each <= many; each += 1) {
      const date = closeTimestamp(control.now())
      control.insert({ type: 'contact', record: { lead_id: lead, date_created: date, date_updated: date } })
    }
  } else if (what === 'remove') {
    for (const id of contacts.length > 6 ? at(contacts, of) : []) control.remove({ type: 'contact', id })
  } else {
    const [other = ''] = at(leads, many)
    if (lead !== other) control.merge({ source: lead, destination: other, keepDates: of % 2 === 0 })
  }
}

/** Plays it, and one run more. */
async function play({ pageSize, leads, runs }: Plan, after: (reading: Readings) => void): Promise<void> {
  const sandbox = await startSandbox({ leads, now: Date.parse('2026-05-01T12:00:00Z') })
  try {
    const reading = readings(sandbox, pageSize, testContext().clock)
    for (const { before, within, most } of runs) {
      for (const [pauseMs, each] of before) {
        sandbox.control.advanceClock(pauseMs)
        apply(sandbox, each)
      }
      for (const [page, each] of within) {
        const path = '/api/v1/data/search/'
        sandbox.control.onListPage({ path, afterPages: page + 1, do: () => apply(sandbox, each) })
      }
      await reading.run(most)
      sandbox.control.clearListPageScripts()
      after(reading)
    }
    // A run that was cut off comes to its end first.
    await reading.run()
    await reading.run()
    const shown = (all: Iterable<Readonly<Record<string, unknown>>>) =>
      [...all].map(({ id, title = null, lead_id }) => JSON.stringify([id, title, lead_id])).sort()
    const truth = sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'contact')
    expect(shown(reading.records.values())).toEqual(shown(truth))
  } finally {
    await sandbox.close()
  }
}

/** Each of them is a Close of its own. */
const timeout = 180_000

describe('reading by the date of change, with any page size', { timeout }, () => {
  it('loses nothing and brings nothing twice in one form, whatever is changed at the same moment', async () => {
    await fc.assert(
      fc.asyncProperty(plan(change), (given) =>
        play(given, ({ forms }) => expect(new Set(forms).size).toBe(forms.length)),
      ),
      { numRuns: 25 },
    )
  })

  it('ends equal to Close, whatever is deleted and merged', async () => {
    await fc.assert(
      fc.asyncProperty(plan(removal), (given) => play(given, () => undefined)),
      { numRuns: 25 },
    )
  })
})
