import { expect, it } from 'vitest'
import { readSchedule } from '../src/commands/schedule.ts'

const none = { weekdays: false, timeZone: undefined }
const zurich = { weekdays: false, timeZone: 'Europe/Zurich' }

it('a schedule is typed as minutes, a time, a cron or by hand', () => {
  expect(readSchedule('manual', none)).toBeNull()
  expect(readSchedule('15', none)).toEqual({ kind: 'every', minutes: 15 })
  const cron = (text: string) => ({ kind: 'cron', cron: text, timeZone: 'Europe/Zurich' })
  expect(readSchedule('6:30', zurich)).toEqual(cron('30 6 * * *'))
  expect(readSchedule('06:30', { ...zurich, weekdays: true })).toEqual(cron('30 6 * * 1-5'))
  expect(readSchedule('0 6 1 * *', zurich)).toEqual(cron('0 6 1 * *'))
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  expect(readSchedule('06:30', none)).toMatchObject({ timeZone })
})

it.each([
  [
    'often',
    none,
    'A schedule is a number of minutes, a time, a cron expression in quotes, or "manual", not "often".',
  ],
  ['3', none, 'A schedule of minutes is a number from 5 to 44640.'],
  ['25:00', none, 'not "25:00"'],
  ['* * * * *', none, 'A cron expression must leave 5 minutes between two runs.'],
  ['06:30', { weekdays: false, timeZone: 'Hollow/Oak' }, 'The time zone must be the name of a time zone'],
  ['15', zurich, '--time-zone needs a time'],
  ['manual', { weekdays: true, timeZone: undefined }, '--weekdays needs a time'],
])('a schedule that can not be is refused: %s', (when, options, message) => {
  expect(() => readSchedule(when, options)).toThrow(message)
})
