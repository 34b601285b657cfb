import type { CloseClient, SearchField, SearchQuery, SearchRow } from '@latchwork/close'
import { LatchworkError } from '@latchwork/contract'
import type { FoundRecords } from '../interface.ts'
import type { PlannedWrite, WriteRules } from './plan.ts'
import { agreesWith, namingFields } from './reconciliation.ts'

/** Looked at, of what the search brings; shown, of what has all values. */
const lookedAt = 100
const shown = 10

/**
 * Looks for what may be a record that was to be created: what has the values that name it, whoever made it and when.
 * @throws LatchworkError `record_not_in_doubt`; CloseError
 */
export async function findCreated(
  client: CloseClient,
  plan: PlannedWrite,
  { object, pairs }: WriteRules,
  signal: AbortSignal,
): Promise<FoundRecords> {
  if (plan.action !== 'create') throw new LatchworkError('record_not_in_doubt')
  const { body } = plan
  const type = object.searchType
  const names = namingFields(object).filter((field) => body[field] !== undefined)
  const fields = [...new Set([...Object.keys(body), 'date_created'])]
  const page = await client.search(
    {
      query: {
        type: 'and',
        queries: [
          { type: 'object_type', object_type: type },
          ...names.flatMap((name) => condition(type, name, body[name])),
        ],
      },
      _fields: { [type]: fields },
      _limit: lookedAt,
      sort: [{ direction: 'desc', field: searchField(type, 'date_created') }],
    },
    { signal, priority: 'interactive' },
  )
  const found = page.data.filter((row) => agreesWith(body, row, names))
  const labels = new Map(pairs.map(({ field }) => [field.name, field.label]))
  return {
    by: names.map((name) => ({ label: labels.get(name) ?? name, value: String(body[name]) })),
    items: found.slice(0, shown).map((row) => ({
      ...{ key: row.id, record: valuesOf(row, fields), createdAt: momentOf(row) },
    })),
    more: found.length > shown || page.data.length === lookedAt,
  }
}

/** Numbers are compared with what comes: Close's search has no equality for them. */
function condition(type: string, name: string, value: unknown): SearchQuery[] {
  if (name === 'lead_id') {
    const lead = { type: 'id', value: String(value) } as const
    return [{ type: 'has_related', this_object_type: type, related_object_type: 'lead', related_query: lead }]
  }
  // A text without a word is found by none.
  if (typeof value !== 'string' || !/[\p{L}\p{N}]/u.test(value)) return []
  return [
    {
      type: 'field_condition',
      field: searchField(type, name),
      condition: { type: 'text', mode: 'phrase', value },
    },
  ]
}

function searchField(objectType: string, name: string): SearchField {
  return { type: 'regular_field', object_type: objectType, field_name: name }
}

function valuesOf(row: SearchRow, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    fields.filter((field) => row[field] !== undefined).map((field) => [field, row[field]]),
  )
}

function momentOf({ date_created: made }: SearchRow): string | null {
  const time = typeof made === 'string' ? Date.parse(made) : Number.NaN
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}
