import { closeTimestamp, parseCloseTimestamp } from '@latchwork/close'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('parseCloseTimestamp', () => {
  it.each([
    ['2013-02-01T00:54:51.331000+00:00', '2013-02-01T00:54:51.331Z'],
    ['2019-11-04T11:04:13.014979', '2019-11-04T11:04:13.014Z'],
    ['2019-10-11T16:30:00+00:00', '2019-10-11T16:30:00.000Z'],
    ['2019-10-11T16:30:00-04:30', '2019-10-11T21:00:00.000Z'],
    ['2019-10-11T16:30:00+0200', '2019-10-11T14:30:00.000Z'],
    ['2019-10-11T16:30:00.9999Z', '2019-10-11T16:30:00.999Z'],
    ['2019-10-11 16:30', '2019-10-11T16:30:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ])('reads %s', (text, utc) => expect(closeTimestamp(parseCloseTimestamp(text) ?? Number.NaN)).toBe(utc))

  it.each([
    '',
    'yesterday',
    '2023-02-29',
    '2024-13-01',
    '2024-01-01T25:00:00',
    '1700000000',
    '2024-01-01T00:00:00+99:99',
    '2023-02-29T10:00:00Z',
    '2023-11-31T10:00:00.123456+00:00',
    '2024-01-28T10:60:00Z',
    '2024-00-10T10:00:00Z',
  ])('refuses %j', (text) => expect(parseCloseTimestamp(text)).toBeUndefined())

  it('reads back every moment that it writes, with or without its offset', () => {
    const moment = fc.date({
      min: new Date('1970-01-01'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(moment, (date) => {
        const text = closeTimestamp(date.getTime())
        expect(parseCloseTimestamp(text)).toBe(date.getTime())
        expect(parseCloseTimestamp(text.replace('Z', ''))).toBe(date.getTime())
        expect(parseCloseTimestamp(text.replace('Z', '999+00:00'))).toBe(date.getTime())
      }),
    )
  })
})
