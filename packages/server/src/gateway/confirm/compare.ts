import { createHash } from 'node:crypto'
import {
  namesCustomFields,
  outsideText,
  type PassField,
  type PassObjectName,
  type PassWriteDetails,
} from '@latchwork/contract'
import { z } from 'zod'
import { findOperation, type Operation } from '../rules/operations.ts'
import type { Asked, HeldAnswer } from '../use/held-call.ts'

export type Comparison = Pick<
  PassWriteDetails,
  'kind' | 'record' | 'changes' | 'moreFields' | 'unread' | 'seen'
>

const mostFields = 60
const longestValue = 600
const recordSchema = z.record(z.string(), z.unknown())
/** What a record is called by, the first that it has. */
const nameFields = ['display_name', 'name', 'title', 'subject', 'text', 'note']

/**
 * What a write would change, field by field.
 * @param url of the write; begins with `/api/v1`
 * @param read asks Close for what there is now
 */
export async function compare(
  { method, url, body }: Asked,
  read: (url: string) => Promise<HeldAnswer>,
): Promise<Comparison> {
  const [path = ''] = url.slice('/api/v1'.length).split('?')
  const operation = findOperation(method, path)
  const kind = kindOf(operation)
  const given = recordSchema.safeParse(body).data ?? (body === undefined ? {} : { body })
  if (kind === 'create' || kind === 'other') return shown(kind, null, null, given, null)
  const { record, unread } = await present(path, read)
  return shown(kind, record, record, kind === 'delete' ? null : given, unread)
}

/** The changes with what the account calls its own fields. Where it can't be asked, their ids say enough to decide. */
export async function withLabels(
  { method, url }: Asked,
  changes: Comparison['changes'],
  fieldsOf: (object: PassObjectName) => Promise<readonly PassField[]>,
): Promise<Comparison['changes']> {
  const [path = ''] = url.slice('/api/v1'.length).split('?')
  const object = findOperation(method, path)?.answers ?? null
  if (object === null || !changes.some(({ field }) => namesCustomFields(field))) return changes
  const found = await fieldsOf(object).catch(() => [])
  const labels = new Map(found.map(({ name, label }) => [name, label]))
  return changes.map((change) => ({
    ...change,
    label: namesCustomFields(change.field) ? (labels.get(change.field) ?? null) : null,
  }))
}

function kindOf(operation: Operation | null): Comparison['kind'] {
  if (operation === null || operation.answers === null) return 'other'
  // What more a webhook needs makes it no other record.
  if (operation.looks !== 'nothing' && operation.looks !== 'all') return 'other'
  const isOne = operation.path.endsWith('{id}/')
  if (operation.method === 'POST' && !operation.path.includes('{')) {
    return operation.needs.every(({ verb }) => verb === 'create') ? 'create' : 'other'
  }
  if (!isOne) return 'other'
  return operation.method === 'PUT' ? 'change' : operation.method === 'DELETE' ? 'delete' : 'other'
}

type Found = { readonly record: Readonly<Record<string, unknown>> | null; readonly unread: string | null }

async function present(path: string, read: (url: string) => Promise<HeldAnswer>): Promise<Found> {
  if (findOperation('GET', path) === null) {
    return { record: null, unread: 'Close does not show a single record of this kind.' }
  }
  const { status, body, extent } = await read(`/api/v1${path}`)
  if (status === 404) return { record: null, unread: 'Close has no such record, at least not any more.' }
  if (status !== 200 || extent !== 'whole') {
    return { record: null, unread: 'Close did not say what there is now. Try again.' }
  }
  try {
    return { record: recordSchema.parse(JSON.parse(body.toString())), unread: null }
  } catch {
    return { record: null, unread: 'Close did not say what there is now. Try again.' }
  }
}

/**
 * @param before null: there is none, or nobody knows
 * @param after null: all of it goes
 */
function shown(
  kind: Comparison['kind'],
  record: Readonly<Record<string, unknown>> | null,
  before: Readonly<Record<string, unknown>> | null,
  after: Readonly<Record<string, unknown>> | null,
  unread: string | null,
): Comparison {
  const fields =
    after === null
      ? Object.keys(before ?? {}).filter((name) => valueText(before?.[name]) !== null)
      : Object.keys(after)
  const changes = fields.slice(0, mostFields).map((field) => ({
    field: outsideText(field, { max: 100 }),
    label: null,
    before: before === null ? null : valueText(before[field]),
    after: after === null ? null : valueText(after[field]),
  }))
  return {
    kind,
    record: record === null ? null : nameIn(record),
    changes,
    moreFields: Math.max(0, fields.length - mostFields),
    unread,
    seen: digestOf(before === null ? unread : fields.map((field) => [field, before[field] ?? null])),
  }
}

function digestOf(values: unknown): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('base64url')
}

function nameIn(record: Readonly<Record<string, unknown>>): string | null {
  const found = nameFields
    .map((name) => record[name])
    .find((value) => typeof value === 'string' && value !== '')
  return found === undefined ? null : outsideText(String(found), { max: 100 })
}

/** Null for what is empty. */
function valueText(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null
  if (Array.isArray(value) && value.length === 0) return null
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return outsideText(text, { max: longestValue, lines: true })
}
