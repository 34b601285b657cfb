import type { SearchQuery } from '@latchwork/close'
import { z } from 'zod'
import { fields, id, limit, time, withId } from './fields.ts'
import { defineTool, namesOf, reads, type Tool } from './tool.ts'

/* Searches of leads and contacts, by conditions that a model can write without knowing Close's language for them. */

/** What a lead may have, and the type and condition by which a search finds it. */
const related = {
  open_task: { type: 'task', query: flag('task', 'is_complete', false) },
  task: { type: 'task', query: { type: 'match_all' } },
  active_opportunity: { type: 'opportunity', query: term('opportunity', 'status_type', ['active']) },
  won_opportunity: { type: 'opportunity', query: term('opportunity', 'status_type', ['won']) },
  opportunity: { type: 'opportunity', query: { type: 'match_all' } },
  contact: { type: 'contact', query: { type: 'match_all' } },
  note: { type: 'activity.note', query: { type: 'match_all' } },
  call: { type: 'activity.call', query: { type: 'match_all' } },
  email: { type: 'activity.email', query: { type: 'match_all' } },
  meeting: { type: 'activity.meeting', query: { type: 'match_all' } },
} as const satisfies Record<string, { readonly type: string; readonly query: SearchQuery }>
type Related = keyof typeof related
const relatedNames = Object.keys(related).filter((name): name is Related => Object.hasOwn(related, name))

/** Without these a row of a search is little more than an id. */
const usualFields = {
  lead: ['display_name', 'status_label', 'date_created', 'date_updated'],
  contact: ['lead_id', 'display_name', 'title', 'emails', 'phones', 'date_updated'],
} as const

const common = {
  text: z.string().min(1).max(500).describe('words anywhere in it').optional(),
  name: z.string().min(1).max(500).describe('words of its name').optional(),
  created_from: time.optional(),
  created_before: time.optional(),
  updated_from: time.optional(),
  updated_before: time.optional(),
  query: z
    .record(z.string(), z.unknown())
    .describe('a further condition, as a query of Close\'s "Advanced Filtering"')
    .optional(),
  fields: fields.optional(),
  sort: z
    .strictObject({
      field: z.string().regex(/^\w{1,100}$/, 'is not the name of a field'),
      direction: z.enum(['asc', 'desc']).default('desc'),
    })
    .optional(),
  limit,
  cursor: z.string().max(2000).describe('from the answer before, within 30 seconds').optional(),
}
type Common = z.output<z.ZodObject<typeof common>>

const searchLeads = defineTool({
  name: 'search_leads',
  title: 'Search leads',
  description:
    'Finds leads by all of the conditions that are given. "without" finds those that have no such record: leads without a next task are without ["open_task"]. Status ids come from list_settings.',
  hints: reads,
  input: (may) => {
    if (!may(search('lead', []))) return null
    const names = namesOf(relatedNames, (name) => may(search('lead', [hasRelated(name)])))
    const having = z.array(names ?? z.never()).max(names === null ? 0 : 10)
    return z.strictObject({
      ...common,
      status_ids: z.array(id).min(1).max(100).optional(),
      with: having.optional(),
      without: having.optional(),
    })
  },
  work: (input) => {
    const { status_ids: statuses, with: having = [], without = [] } = input
    const queries = [
      ...(statuses === undefined ? [] : [reference('lead', 'status_id', 'status.lead', statuses)]),
      ...having.map((name) => hasRelated(name)),
      ...without.map((name) => ({ ...hasRelated(name), negate: true })),
    ]
    return { request: searchOf('lead', input, queries), paging: 'cursor' }
  },
})

const searchContacts = defineTool({
  name: 'search_contacts',
  title: 'Search contacts',
  description: 'Finds contacts by all of the conditions that are given.',
  hints: reads,
  input: (may) =>
    may(search('contact', []))
      ? z.strictObject({ ...common, email: z.string().min(3).max(300).optional() })
      : null,
  work: (input) => {
    const { email } = input
    const queries: SearchQuery[] =
      email === undefined
        ? []
        : [
            {
              type: 'has_related',
              this_object_type: 'contact',
              related_object_type: 'contact_email',
              related_query: {
                type: 'field_condition',
                field: field('contact_email', 'email'),
                condition: { type: 'text', mode: 'phrase', value: email },
              },
            },
          ]
    return { request: searchOf('contact', input, queries), paging: 'cursor' }
  },
})

export const searchTools: readonly Tool[] = [searchLeads, searchContacts]

type Searched = keyof typeof usualFields

function searchOf(type: Searched, input: Common, further: readonly SearchQuery[]) {
  const { text, name, query, fields: wanted, sort, limit: most, cursor } = input
  const queries = [
    ...(text === undefined ? [] : [{ type: 'text', mode: 'full_words', value: text } as const]),
    ...(name === undefined ? [] : [words(type, 'name', name)]),
    ...between(type, 'date_created', input.created_from, input.created_before),
    ...between(type, 'date_updated', input.updated_from, input.updated_before),
    ...further,
    ...(query === undefined ? [] : [query]),
  ]
  const order =
    sort === undefined ? {} : { sort: [{ direction: sort.direction, field: field(type, sort.field) }] }
  const request = search(type, queries, wanted ?? usualFields[type])
  return {
    ...request,
    body: { ...request.body, ...order, _limit: most, ...(cursor === undefined ? {} : { cursor }) },
  }
}

function search(type: Searched, queries: readonly object[], wanted: readonly string[] = []) {
  const query = { type: 'and', queries: [{ type: 'object_type', object_type: type }, ...queries] }
  return {
    method: 'POST',
    path: '/data/search/',
    body: { query, _fields: { [type]: withId(wanted) } },
  } as const
}

function field(type: string, name: string) {
  return { type: 'regular_field', object_type: type, field_name: name } as const
}

function hasRelated(name: Related): SearchQuery {
  const { type, query } = related[name]
  return { type: 'has_related', this_object_type: 'lead', related_object_type: type, related_query: query }
}

function flag(type: string, name: string, value: boolean) {
  return { type: 'field_condition', field: field(type, name), condition: { type: 'boolean', value } } as const
}

function term(type: string, name: string, values: readonly string[]) {
  return { type: 'field_condition', field: field(type, name), condition: { type: 'term', values } } as const
}

function words(type: string, name: string, value: string) {
  const condition = { type: 'text', mode: 'full_words', value } as const
  return { type: 'field_condition', field: field(type, name), condition } as const
}

function reference(type: string, name: string, to: string, ids: readonly string[]) {
  const condition = { type: 'reference', reference_type: to, object_ids: ids } as const
  return { type: 'field_condition', field: field(type, name), condition } as const
}

function between(type: string, name: string, from: string | undefined, before: string | undefined) {
  if (from === undefined && before === undefined) return []
  const moment = (value: string) => ({ type: 'fixed_utc', value }) as const
  const condition = {
    type: 'moment_range',
    ...(from === undefined ? {} : { on_or_after: moment(from) }),
    ...(before === undefined ? {} : { before: moment(before) }),
  } as const
  return [{ type: 'field_condition', field: field(type, name), condition } as const]
}
