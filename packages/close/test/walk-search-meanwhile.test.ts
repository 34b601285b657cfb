import { type SearchPosition, type SearchRow, walkSearch } from '@latchwork/close'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from './manual-clock.ts'
import type { ModelRecord } from './search-model.ts'
import { at, DAY_MS, forms, ids, modelOf, NOW_MS, randomFrom, walkOf } from './search-walk.ts'

describe('walkSearch, whatever happens meanwhile', () => {
  const records = fc
    .array(
      fc.record({
        // Few different milliseconds, many equal; microseconds within them.
        updated: fc.integer({ min: 0, max: 12 }),
        created: fc.integer({ min: 0, max: 12 }),
        micros: fc.integer({ min: 0, max: 999 }),
      }),
      { maxLength: 60 },
    )
    .map((rows) =>
      rows.map(
        ({ updated, created, micros }, index): ModelRecord => ({
          id: `lead_${index}`,
          created: at(NOW_MS - 3 * DAY_MS + created, String(micros).padStart(3, '0')),
          updated: at(NOW_MS - 2 * DAY_MS + updated, String(micros).padStart(3, '0')),
        }),
      ),
    )
  const world = fc.record({
    records,
    pageSize: fc.integer({ min: 2, max: 9 }),
    dateField: fc.constantFrom('date_updated' as const, 'date_created' as const),
    cursors: fc.constantFrom('snapshot' as const, 'offset' as const),
    indexLagMs: fc.constantFrom(0, 20_000, 60_000),
    seed: fc.integer(),
    /** Before which search, which record is edited, and how long the consumer took. */
    turns: fc.array(
      fc.record({
        edits: fc.array(fc.nat({ max: 59 }), { maxLength: 3 }),
        delayMs: fc.constantFrom(0, 5, 10_000, 40_000),
      }),
      { maxLength: 40 },
    ),
  })

  it('delivers every record at least once, none twice in one form, and in no older form than at the start', async () => {
    await fc.assert(
      fc.asyncProperty(
        world,
        async ({ records: initial, pageSize, dateField, cursors, indexLagMs, seed, turns }) => {
          const clock = new ManualClock({ startMs: NOW_MS, jumps: true })
          const model = modelOf(initial, {
            clock,
            cursors,
            indexLagMs,
            random: randomFrom(seed),
            beforeSearch: (self) => {
              const turn = turns[self.searches - 1]
              for (const index of turn?.edits ?? []) self.touch(`lead_${index}`)
            },
          })
          const delivered: SearchRow[] = []
          for await (const page of walkSearch(model, walkOf({ dateField, pageSize }), { clock })) {
            delivered.push(...page.records)
            await clock.advance(turns[model.searches - 1]?.delayMs ?? 1)
          }
          expect(new Set(ids(delivered))).toEqual(new Set(initial.map((one) => one.id)))
          expect(new Set(forms(delivered)).size).toBe(delivered.length)
          for (const row of delivered) {
            const before = initial.find((one) => one.id === row.id)
            expect(String(row['date_updated']) >= String(before?.updated)).toBe(true)
          }
        },
      ),
      { numRuns: 400 },
    )
  })

  it('loses nothing when it is stopped after any page and continued from the saved position', async () => {
    await fc.assert(
      fc.asyncProperty(
        world,
        fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 8 }),
        async (given, stops) => {
          const { records: initial, pageSize, dateField, cursors, indexLagMs, seed, turns } = given
          const clock = new ManualClock({ startMs: NOW_MS, jumps: true })
          let quiet = false
          const model = modelOf(initial, {
            clock,
            cursors,
            indexLagMs,
            random: randomFrom(seed),
            beforeSearch: (self) => {
              if (quiet) return
              for (const index of turns[self.searches - 1]?.edits ?? []) self.touch(`lead_${index}`)
            },
          })
          const latest = new Map<string, string>()
          let position: SearchPosition | undefined
          for (const stop of [...stops, Number.POSITIVE_INFINITY]) {
            let pages = 0
            for await (const page of walkSearch(model, walkOf({ dateField, pageSize, from: position }), {
              clock,
            })) {
              for (const row of page.records) latest.set(row.id, String(row['date_updated']))
              position = page.position
              pages += 1
              if (pages >= stop) break
            }
          }
          expect([...latest.keys()].sort()).toEqual(initial.map((one) => one.id).sort())
          if (dateField === 'date_created') return
          // Once everything has settled, one more walk from the position brings every last edit.
          quiet = true
          await clock.advance(300_000)
          for await (const page of walkSearch(model, walkOf({ dateField, pageSize, from: position }), {
            clock,
          })) {
            for (const row of page.records) latest.set(row.id, String(row['date_updated']))
          }
          for (const [id, stored] of model.records) expect(latest.get(id)).toBe(stored.updated)
        },
      ),
      { numRuns: 250 },
    )
  })
})
