import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cronAt, nextRunOf, type Schedule, scheduleSchema, scheduleWords, timeOfCron } from '../src/index.ts'

const cron = (text: string, timeZone = 'Europe/Zurich') => ({ kind: 'cron' as const, cron: text, timeZone })
const faults = (value: unknown) =>
  scheduleSchema.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
const ms = (time: string) => Date.parse(time)
/** The times after one, in UTC. */
function times(schedule: Schedule, after: string, count: number): string[] {
  const found: string[] = []
  for (let at = ms(after); found.length < count; ) {
    at = nextRunOf(schedule, at) ?? Number.NaN
    found.push(new Date(at).toISOString().slice(0, 16))
  }
  return found
}

describe('a schedule', () => {
  it('at a time of day comes once a day, over both changes of the clock', () => {
    // On 29 March the clock goes from 02:00 to 03:00, on 25 October from 03:00 to 02:00.
    expect(times(cron('30 2 * * *'), '2026-03-28T00:00Z', 3)).toEqual([
      '2026-03-28T01:30',
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ])
    expect(times(cron('30 2 * * *'), '2026-10-24T00:00Z', 3)).toEqual([
      '2026-10-24T00:30',
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ])
  })

  it('of quarters of an hour goes on through an hour that comes twice', () => {
    expect(times(cron('*/15 * * * *'), '2026-10-25T00:40Z', 6)).toEqual([
      ...['2026-10-25T00:45', '2026-10-25T01:00', '2026-10-25T01:15'],
      ...['2026-10-25T01:30', '2026-10-25T01:45', '2026-10-25T02:00'],
    ])
  })

  it('on weekdays leaves the weekend out, in its own time zone', () => {
    expect(times(cron('0 9 * * 1-5', 'America/New_York'), '2026-11-27T18:00Z', 2)).toEqual([
      '2026-11-30T14:00',
      '2026-12-01T14:00',
    ])
  })

  it('of an interval stays in step with where it began, however late', () => {
    const schedule = { kind: 'every', minutes: 60 } as const
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: -1e9, max: 1e9 }), (anchor, late) => {
        const next = nextRunOf(schedule, anchor + late, anchor) ?? 0
        expect(next).toBeGreaterThan(anchor + late)
        expect(next).toBeLessThanOrEqual(anchor + late + 3_600_000)
        expect((next - anchor) / 3_600_000 || 0).toBe(Math.round((next - anchor) / 3_600_000) || 0)
      }),
    )
  })

  it.each([
    ['more often than every 5 minutes', cron('*/4 * * * *'), 'cron must leave 5 minutes between two runs'],
    ['twice within 5 minutes once a year', cron('0,3 1 1 1 *'), 'cron must leave 5 minutes between two runs'],
    ['close together around an hour', cron('2,58 * * * *'), 'cron must leave 5 minutes between two runs'],
    ['at a time that never comes', cron('0 0 30 2 *'), 'cron must name a time that comes'],
    ['with seconds', cron('0 0 9 * * *'), /^cron must be five parts/],
    ['by a nickname', cron('@daily'), /^cron must be five parts/],
    ['that is no cron', cron('a b c d e'), /^cron must be five parts/],
    ['that is long', cron(`0 0 ${'1,'.repeat(60)}1 * *`), /^cron /],
    ['in no time zone', cron('0 9 * * *', 'Hollow/Oak'), /^timeZone must be the name of a time zone/],
    ['of too few minutes', { kind: 'every', minutes: 4 }, /^minutes /],
    ['of half minutes', { kind: 'every', minutes: 7.5 }, /^minutes /],
  ])('is refused: %s', (_, value, message) => {
    expect(faults(value)).toEqual([typeof message === 'string' ? message : expect.stringMatching(message)])
  })

  it('is told in words', () => {
    expect(scheduleWords(null)).toBe('Manual')
    expect(scheduleWords({ kind: 'every', minutes: 15 })).toBe('Every 15 minutes')
    expect(scheduleWords({ kind: 'every', minutes: 60 })).toBe('Every hour')
    expect(scheduleWords({ kind: 'every', minutes: 2880 })).toBe('Every 2 days')
    expect(scheduleWords(cron('5 6 * * *'))).toBe('Every day at 06:05 (Europe/Zurich)')
    expect(scheduleWords(cron('30 18 * * 1-5'))).toBe('Monday to Friday at 18:30 (Europe/Zurich)')
    expect(scheduleWords(cron('0 6 1 * *', 'UTC'))).toBe('Cron 0 6 1 * * (UTC)')
  })

  it('of a time of day is known again from its cron', () => {
    const two = (value: number) => String(value).padStart(2, '0')
    const day = fc.record({
      days: fc.constantFrom('daily' as const, 'weekdays' as const),
      at: fc
        .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
        .map(([hour, minute]) => `${two(hour)}:${two(minute)}`),
    })
    fc.assert(
      fc.property(day, (time) => {
        expect(timeOfCron(cronAt(time))).toEqual(time)
      }),
    )
    expect(timeOfCron('0 6 1 * *')).toBeNull()
  })
})
