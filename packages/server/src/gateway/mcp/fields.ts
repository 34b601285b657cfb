import { enumerations } from '@latchwork/close'
import { z } from 'zod'
import { queryOf } from './records.ts'

/* What the inputs of tools are made of. */

/** Longer lists cost a model more than they tell it. */
const mostRecords = 50
const usualRecords = 20

export const id = z.string().regex(/^[\w-]{1,100}$/, 'is not an id of Close')
export const text = z.string().max(100_000)
const line = z.string().max(1000)
export const time = line.describe('a day as 2026-03-31, or a time as 2026-03-31T09:00:00Z')
export const fields = z
  .array(z.string().regex(/^[\w.]{1,100}$/, 'is not the name of a field'))
  .max(50)
  .describe('the only fields that are answered, to save room')

export const limit = z.int().min(1).max(mostRecords).default(usualRecords).describe('records at once')
const skip = z
  .int()
  .min(0)
  .max(100_000)
  .default(0)
  .describe('so many records are left out, to go on with a list')

/** Values of custom fields by the id of the field. */
export const custom = z
  .record(z.string().regex(/^cf_\w{1,100}$/, 'is not the id of a custom field'), z.unknown())
  .describe('custom fields by id: {"cf_...": value}')

/** As Close takes them: `custom.cf_...`. */
export function customFields(values: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`custom.${name}`, value]))
}

const kinds = z.string().max(30)
export const emails = z.array(z.object({ email: line, type: kinds.optional() })).max(50)
export const phones = z.array(z.object({ phone: line, type: kinds.optional() })).max(50)
export const urls = z.array(z.object({ url: line, type: kinds.optional() })).max(50)
export const addresses = z.array(line).max(100)
export const valuePeriod = z.enum(enumerations.OpportunityValuePeriod)
export const priority = z.enum(enumerations.TaskPriority)
export const callStatus = z.enum(enumerations.CallStatus)
export const messageStatus = z.enum(enumerations.MessageStatus)

/** They are answered by other members of the input, or tell nothing here. */
const elsewhere: ReadonlySet<string> = new Set([
  '_limit',
  '_skip',
  '_fields',
  'format',
  'organization_id',
  'id',
])

/** The filters that Close documents for a list, and how to go on with it. */
export function listInput(path: string) {
  const names = queryOf('GET', path).filter((name) => !elsewhere.has(name))
  const filters = Object.fromEntries(names.map((name) => [name, filterOf(name).optional()]))
  return z.strictObject({ ...filters, fields: fields.optional(), limit, skip })
}

function filterOf(name: string) {
  if (name.endsWith('__in')) return z.array(line).min(1).max(100)
  if (/^is_/.test(name)) return z.boolean()
  return line
}

/** The query of a list, from such an input. */
export function listQuery(input: Readonly<Record<string, unknown>>): {
  readonly query: Readonly<Record<string, string>>
  readonly paging: { readonly skip: number }
} {
  const { fields: wanted, limit: most, skip: first, ...filters } = input
  const given = Object.entries(filters).filter(([, value]) => value !== undefined)
  const query = Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
  const page = { _limit: String(most ?? usualRecords), _skip: String(first ?? 0) }
  const only = Array.isArray(wanted) ? { _fields: withId(wanted).join(',') } : {}
  return { query: { ...query, ...page, ...only }, paging: { skip: Number(first ?? 0) } }
}

/** Records without their id could not be asked for again. */
export function withId(wanted: readonly unknown[]): string[] {
  return [...new Set(['id', ...wanted.map(String)])]
}
