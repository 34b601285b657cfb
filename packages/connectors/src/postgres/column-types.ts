import { isNumeric, plainNumber } from '@latchwork/contract'

/** What a column can hold, as far as we know its type; what we don't know, the server judges. */
export interface ColumnType {
  readonly kind: 'integer' | 'numeric' | 'float' | 'boolean' | 'date' | 'time' | 'json' | 'text' | 'other'
  /** As SQL names it. */
  readonly sql: string
}

const kinds: ReadonlyMap<string, ColumnType['kind']> = new Map([
  ['smallint', 'integer'],
  ['integer', 'integer'],
  ['bigint', 'integer'],
  ['numeric', 'numeric'],
  ['double precision', 'float'],
  ['boolean', 'boolean'],
  ['date', 'date'],
  ['timestamp with time zone', 'time'],
  ['timestamptz', 'time'],
  ['json', 'json'],
  ['jsonb', 'json'],
  ['text', 'text'],
  ['character varying', 'text'],
])

/** @param sql as `format_type` names it; a type with a limit of its own (`numeric(10,2)`) is left to the server */
export function columnType(sql: string): ColumnType {
  return { kind: kinds.get(sql) ?? 'other', sql }
}

const most: Readonly<Record<string, bigint>> = { smallint: 2n ** 15n, integer: 2n ** 31n, bigint: 2n ** 63n }
const day = /^\d{4,6}[-/.]\d{1,2}[-/.]\d{1,2}$/
const moment = /^\d{4,6}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}/
const truth = /^\s*(?:t|tr|tru|true|f|fa|fal|fals|false|y|ye|yes|n|no|on|off|of|1|0)\s*$/i
/** Significant digits that a double keeps whatever they are. */
const doubleDigits = 15

/**
 * The type that a column needs to hold a value whole; null if its own will do. Nothing is lost in it that was there:
 * whole numbers become larger ones or decimal ones, days become moments, and anything becomes text.
 */
export function widerType({ kind, sql }: ColumnType, value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null
  switch (kind) {
    case 'integer':
    case 'numeric':
    case 'float': {
      const number = isNumeric(value) ? String(value) : typeof value === 'string' ? plainText(value) : null
      return number === null ? 'text' : widerNumber(kind, sql, number)
    }
    case 'boolean':
      return typeof value === 'boolean' || (typeof value === 'string' && truth.test(value)) ? null : 'text'
    case 'date':
      if (typeof value !== 'string') return 'text'
      if (day.test(value)) return null
      return moment.test(value) ? 'timestamptz' : 'text'
    case 'time':
      return typeof value === 'string' && (moment.test(value) || day.test(value)) ? null : 'text'
    default:
      return null
  }
}

function plainText(text: string): string | null {
  const number = plainNumber(text)
  return number === null ? null : String(number)
}

function widerNumber(kind: 'integer' | 'numeric' | 'float', sql: string, number: string): string | null {
  if (kind === 'numeric') return Number.isNaN(Number(number)) ? 'text' : null
  if (kind === 'float') {
    const digits = number.replace(/e.*$/i, '').replaceAll(/\D/g, '').replace(/^0+/, '').replace(/0+$/, '')
    const isExact = String(Number(number)) === number || digits.length <= doubleDigits
    return isExact && Number.isFinite(Number(number)) ? null : 'numeric'
  }
  if (!/^-?\d{1,19}$/.test(number)) return 'numeric'
  const whole = BigInt(number)
  const fits = (type: string) => whole < (most[type] ?? 0n) && whole >= -(most[type] ?? 0n)
  if (fits(sql)) return null
  return fits('bigint') ? 'bigint' : 'numeric'
}

const order = ['bigint', 'numeric', 'timestamptz', 'text']

/** The type that holds what both hold. */
export function widest(one: string, other: string): string {
  // A moment and a number have only text in common; a column never asks for both, since it is one of them.
  return order.indexOf(one) >= order.indexOf(other) ? one : other
}
