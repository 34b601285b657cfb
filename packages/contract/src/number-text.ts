import { type ExactNumber, exactNumber } from './exact-number.ts'

const plain = /^[+-]?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]\d+)?$/i
/** One thousand to some people, one to others. */
const ambiguous = /^[+-]?[1-9]\d{0,2}\.\d{3}$/

/**
 * The number that a text plainly is; null for any other text. A program's spelling is plain: `-12.50`, `1e-7`. What only
 * some people or programs take for a number is not: `1.000`, `1,5`, `0x1F`, `007`, `1e3`, `Infinity`, `١٢`.
 */
export function plainNumber(text: string): number | ExactNumber | null {
  const trimmed = text.trim()
  if (!plain.test(trimmed) || ambiguous.test(trimmed)) return null
  return exactNumber(trimmed.replace(/^\+/, ''))
}

/** The decimal sign of a person's numbers. The other sign, a space or an apostrophe may stand between thousands. */
export type DecimalSign = 'point' | 'comma'

const people: Readonly<Record<DecimalSign, RegExp>> = {
  point:
    /^[+-]?(?:0|[1-9]\d*|[1-9]\d{0,2}(?:(?<group>[, \u00a0\u2009\u202f'’])\d{3})(?:\k<group>\d{3})*)(?:\.\d+)?$/,
  comma:
    /^[+-]?(?:0|[1-9]\d*|[1-9]\d{0,2}(?:(?<group>[. \u00a0\u2009\u202f'’])\d{3})(?:\k<group>\d{3})*)(?:,\d+)?$/,
}

/**
 * The number that a person wrote with this decimal sign: `1.234,50` with a comma is 1234.50.
 * @returns null for text that is no number so written; leading zeros (`007`) make it one of those
 */
export function peoplesNumber(text: string, decimal: DecimalSign): number | ExactNumber | null {
  const trimmed = text.trim().replace(/^−/, '-')
  if (!people[decimal].test(trimmed)) return null
  const whole = decimal === 'point' ? trimmed : trimmed.replaceAll('.', '').replace(',', '.')
  return exactNumber(whole.replace(/^\+/, '').replaceAll(/[, \u00a0\u2009\u202f'’]/g, ''))
}
