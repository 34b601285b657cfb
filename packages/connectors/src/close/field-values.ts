import { defaultAnswerLimits, parseJson } from '@latchwork/close'
import { type Column, type ExactNumber, isNumeric, isRecord, plainNumber, valueIn } from '@latchwork/contract'

/** A value that does not fit its field. The message names field and rule. */
export class UnfitValue extends Error {}

/** A field as people know it, with the name that programs read: custom fields are named by their ids. */
export function fieldWords({ name, label }: Pick<Column, 'name' | 'label'>): string {
  return label.toLowerCase() === name.toLowerCase() ? label : `${label} (${name})`
}

/** The one field of an entry in a list of contact data, and its kind where none is given. */
interface ListField {
  readonly value: string
  readonly type: string
  /** What every value that Close takes looks like, and what one that doesn't is not. */
  readonly fits: RegExp
  readonly one: string
}
const listFields: ReadonlyMap<string, ListField> = new Map([
  ['emails', { value: 'email', type: 'office', fits: /^[^\s@]+@[^\s@]+$/, one: 'email address' }],
  ['phones', { value: 'phone', type: 'office', fits: /\d/, one: 'phone number' }],
  ['urls', { value: 'url', type: 'url', fits: /./s, one: 'URL' }],
])
const addressFields = ['label', 'address_1', 'address_2', 'city', 'state', 'zipcode', 'country']
const contactFields = ['name', 'title', 'emails', 'phones', 'urls']

/**
 * A source's value as a field of Close takes it. Text from a CSV file becomes a number or a list where the field
 * wants one; what Close derives by itself is left out of nested records, so that what was read can be written.
 *
 * @throws UnfitValue
 */
export function fieldValueOf(value: unknown, field: Column): unknown {
  if (value === null || value === undefined) return null
  switch (field.type) {
    case 'number':
      return toNumber(value, field)
    case 'json':
      return toList(parseNested(value, field), field.name)
    default:
      if (typeof value === 'object' && !isNumeric(value))
        throw new UnfitValue(`${fieldWords(field)} takes text, not a nested value.`)
      return String(value)
  }
}

function toNumber(value: unknown, field: Column): number | ExactNumber | null {
  if (typeof value === 'string' && value.trim() === '') return null
  const number = typeof value === 'string' ? plainNumber(value) : isNumeric(value) ? value : null
  if (number !== null && Number.isFinite(Number(String(number)))) return number
  throw new UnfitValue(
    typeof value === 'string'
      ? `${fieldWords(field)} takes a number, and “${value.slice(0, 40)}” is not plainly one. Say in the source how its numbers are written.`
      : `${fieldWords(field)} takes a number.`,
  )
}

function parseNested(value: unknown, field: Column): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  try {
    return parseJson(value, defaultAnswerLimits)
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : 'is not valid JSON'
    throw new UnfitValue(`${fieldWords(field)} begins like JSON but ${why}.`)
  }
}

function toList(value: unknown, name: string): unknown[] {
  if (value === '') return []
  const entries: unknown[] = Array.isArray(value) ? value : [value]
  const list = listFields.get(name)
  if (list !== undefined) return entries.map((entry) => contactDatum(entry, name, list))
  if (name === 'addresses') return entries.map((entry) => pick(entry, name, addressFields))
  if (name === 'contacts') return entries.map((entry) => nestedContact(entry))
  return entries
}

function contactDatum(entry: unknown, name: string, list: ListField): unknown {
  const datum =
    typeof entry === 'string'
      ? { [list.value]: entry.trim(), type: list.type }
      : pick(entry, name, [list.value, 'type'])
  const value = valueIn(datum, list.value)
  if (typeof value !== 'string' || list.fits.test(value)) return datum
  throw new UnfitValue(`“${value.slice(0, 40)}” is no ${list.one} (${name}).`)
}

function nestedContact(entry: unknown): unknown {
  const contact = pick(entry, 'contacts', contactFields)
  const nested = Object.entries(contact).map(([name, value]) =>
    listFields.has(name) && value !== null ? [name, toList(value, name)] : [name, value],
  )
  return Object.fromEntries([...nested, ...customOf(entry)])
}

function customOf(entry: unknown): [string, unknown][] {
  return isRecord(entry) ? Object.entries(entry).filter(([name]) => name.startsWith('custom.')) : []
}

function pick(entry: unknown, name: string, fields: readonly string[]): Record<string, unknown> {
  if (!isRecord(entry)) throw new UnfitValue(`${name} takes a list of nested values.`)
  return Object.fromEntries(Object.entries(entry).filter(([field]) => fields.includes(field)))
}
