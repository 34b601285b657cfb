import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  counted,
  ExactNumber,
  isRecord,
  parseExactly,
  peoplesNumber,
  plainNumber,
  shownRecord,
} from '../src/index.ts'

describe('numbers in JSON', () => {
  it.each([
    '12345678901234567890',
    '-12345678901234567890',
    '0.1000000000000000055',
    '1e400',
    '-1E-400',
    '-0',
    '-0.0',
    '1.50',
    '0.10',
    '100.000',
    '1e3',
    '0.0000001',
    '9007199254740993',
    '12345678901.2345678',
  ])('keep the spelling of %s, alone and nested', (text) => {
    expect(String(parseExactly(text))).toBe(text)
    for (const json of [`{"a":[{"b":${text}}],"c":${text}}`, `[${text},"${text}"]`]) {
      expect(JSON.stringify(parseExactly(json))).toBe(json)
    }
    expect(JSON.stringify(parseExactly(`{ "a" : ${text} , "b" : [ ${text} ] }`))).toBe(
      `{"a":${text},"b":[${text}]}`,
    )
  })

  it.each(['0', '1', '-5', '1.5', '9007199254740991', '0.1', '123456789.123'])(
    '%s is an ordinary one',
    (text) => {
      expect(parseExactly(`[${text}]`)).toEqual([Number(text)])
    },
  )

  it('are kept whatever stands around them', () => {
    const digits = fc.string({ unit: fc.constantFrom('0', '1', '9', '5'), maxLength: 22 })
    const number = fc
      .tuple(
        fc.constantFrom('', '-'),
        fc.nat(99),
        digits,
        fc.option(digits),
        fc.option(fc.integer({ min: -500, max: 500 })),
      )
      .map(([sign, first, more, fraction, exponent]) => {
        const whole = first === 0 ? '0' : `${first}${more}`
        return `${sign}${whole}${fraction === null ? '' : `.0${fraction}`}${exponent === null ? '' : `e${exponent}`}`
      })
    const space = fc.constantFrom('', ' ', '\n', '\t')
    const text = fc
      .tuple(fc.array(number), fc.string(), space, space)
      .map(([numbers, other, before, behind]) => {
        const items = numbers.map((each) => `${before}${each}${behind}`).join(',')
        return { numbers, json: `{"s":${JSON.stringify(other)},"n":[${items}]}` }
      })
    fc.assert(
      fc.property(text, ({ numbers, json }) => {
        const value = parseExactly(json) as { n: unknown[] }
        expect(value.n.map(String)).toEqual(numbers)
        expect(JSON.stringify(value.n)).toBe(`[${numbers.join(',')}]`)
      }),
      { numRuns: 300 },
    )
  })

  it('are no records, and are shown as they are', () => {
    expect(isRecord(new ExactNumber('1.50'))).toBe(false)
    expect(JSON.stringify(shownRecord({ a: parseExactly('1e400') }))).toBe('{"a":1e400}')
  })

  it('refuses what is no JSON', () => {
    expect(() => parseExactly('{"a":1.50')).toThrow(SyntaxError)
  })
})

describe('numbers in text', () => {
  it.each([
    ['12', '12'],
    ['-12.50', '-12.50'],
    ['+5', '5'],
    [' 7 ', '7'],
    ['0.125', '0.125'],
    ['1234.567', '1234.567'],
    ['12345678901234567890', '12345678901234567890'],
    ['1e-7', '1e-7'],
    ['1E+21', '1E+21'],
  ])('%j is plainly %s', (text, number) => {
    expect(String(plainNumber(text))).toBe(number)
  })

  it.each([
    '',
    ' ',
    '1.000',
    '-12.345',
    '1,5',
    '1,000',
    '1 000',
    '0x1F',
    '0b1',
    '1e3',
    'Infinity',
    'NaN',
    '١٢',
    '１２',
    '007',
    '1.',
    '.5',
    '1_000',
    '+49 221 1234',
    '12n',
    '--1',
    '1.2.3',
  ])('%j is not plainly one', (text) => {
    expect(plainNumber(text)).toBeNull()
  })

  it.each([
    ['1.234,50', 'comma', '1234.50'],
    ['1.000', 'comma', '1000'],
    ['1.000', 'point', '1.000'],
    ['1,000', 'point', '1000'],
    ['1,000', 'comma', '1.000'],
    ['-1,5', 'comma', '-1.5'],
    ['−1,5', 'comma', '-1.5'],
    ['1 234,5', 'comma', '1234.5'],
    ['1\u202f234\u202f567,5', 'comma', '1234567.5'],
    ["1'234.50", 'point', '1234.50'],
    ['1.234.567', 'comma', '1234567'],
    ['12.345.678.901.234.567.890', 'comma', '12345678901234567890'],
  ] as const)('%j with a decimal %s is %s', (text, decimal, number) => {
    expect(String(peoplesNumber(text, decimal))).toBe(number)
  })

  it.each([
    ['1.23,4', 'comma'],
    ['1.234.56', 'comma'],
    ["1'234 567", 'point'],
    ['1,234.5', 'comma'],
    ['007,5', 'comma'],
    ['0.123', 'comma'],
    ['0x1F', 'point'],
    ['1e3', 'point'],
    ['1,', 'comma'],
    ['€ 1,50', 'comma'],
    ['', 'comma'],
  ] as const)('%j is no number with a decimal %s', (text, decimal) => {
    expect(peoplesNumber(text, decimal)).toBeNull()
  })
})

it.each([
  [0, '0 records'],
  [1, '1 record'],
  [1_200, '1,200 records'],
])('%d is said with what it counts', (count, words) => {
  expect(counted(count, 'record')).toBe(words)
  expect(counted(count, 'entry', 'entries')).toBe(
    words.replace('records', 'entries').replace('record', 'entry'),
  )
})
