import { invalid } from '../api/errors.ts'
import { notServed } from '../api/not-served.ts'
import { type ApiRequest, changeContext, type Endpoints } from '../api/request.ts'
import { dateOnly } from '../clock.ts'
import { insertRecord, updateRecord } from '../data/changes.ts'
import { TableMemo } from '../data/memo.ts'
import { opportunityDefaults } from '../data/opportunity-defaults.ts'
import { annualizedValue, expected, formatCents } from '../data/shapes.ts'
import { type Json, type JsonObject, numberOf, textOf } from '../json.ts'
import { matchesText, textIn } from '../search/text-match.ts'
import { newLead } from './contacts.ts'
import { customValuesOf } from './custom-values.ts'
import { type ListQuery, listAll } from './listing.ts'
import { UNPUBLISHED_LIMITS } from './paging.ts'
import { fromRichText, toRichText } from './rich-text.ts'
import { tableEndpoints } from './table-resource.ts'
import {
  checkedFields,
  date,
  list,
  nullable,
  oneOf,
  percent,
  type Rules,
  recordId,
  richText,
  settingId,
  text,
  userId,
  wholeNumber,
} from './validate.ts'

const RULES: Rules = {
  lead_id: recordId('lead'),
  contact_id: nullable(recordId('contact')),
  user_id: nullable(userId),
  status_id: settingId('opportunity_status'),
  value: nullable(wholeNumber),
  value_period: oneOf(['one_time', 'monthly', 'annual']),
  confidence: percent,
  note: text,
  note_html: richText,
  date_won: nullable(date),
  attachments: list,
}

const ORDERS = [
  'date_won',
  'date_updated',
  'date_created',
  'confidence',
  'user_name',
  'value',
  'annualized_value',
  'annualized_expected_value',
]

const NOT_SERVED = ['lead_saved_search_id', 'lead_query', '_group_by']

export const opportunityEndpoints: Endpoints = tableEndpoints({
  path: '/opportunity/',
  table: 'opportunity',
  kinds: null,
  limits: { ...UNPUBLISHED_LIMITS, maxLimit: 250 },
  filters: [
    'lead_id',
    'organization_id',
    'user_id',
    'user_id__in',
    ...['status_id', 'status_type', 'status_label', 'value_period'].flatMap((field) => [
      field,
      `${field}__in`,
    ]),
    ...['date_won', 'date_created', 'date_updated'].flatMap((field) => [
      field,
      ...['gte', 'gt', 'lte', 'lt'].map((suffix) => `${field}__${suffix}`),
    ]),
    'is_stalled',
  ],
  orders: ORDERS,
  defaultOrder: '-date_created',
  refine: ({ query }, lists) => {
    for (const name of NOT_SERVED) {
      if (query.get(name)) throw notServed(`the parameter ${name} here`)
    }
    const words = query.get('query')
    if (!words) return lists
    if (/[:<>"()]/.test(words)) throw notServed(`${words} in a query of opportunities`)
    return { ...lists, conditions: [(record) => matchesText(textIn(record), words, 'full_words')] }
  },
  extras: (request, lists) => totals(request, lists),
  create: createOpportunity,
  update: updateOpportunity,
  remove: () => undefined,
})

function createOpportunity(request: ApiRequest): JsonObject {
  const { organization, user } = request.caller
  const { body } = request
  const context = changeContext(request)
  const fields = {
    ...checkedFields(withStatus(request), RULES, organization),
    ...customValuesOf(body, 'opportunity', organization),
  }
  const lead_id = textOf(fields, 'lead_id') ?? newLead(context, null)
  const record: JsonObject = {
    contact_id: null,
    user_id: user.id,
    ...opportunityDefaults(),
    ...fields,
    ...notes(fields),
    lead_id,
  }
  return insertRecord(context, 'opportunity', { ...record, ...closing(record, request) })
}

function updateOpportunity(request: ApiRequest, row: number, before: JsonObject): JsonObject {
  const { organization } = request.caller
  const context = changeContext(request)
  const fields = checkedFields(request.body, RULES, organization)
  const custom = customValuesOf(request.body, 'opportunity', organization, before)
  const changes = { ...fields, ...custom, ...notes(fields) }
  const moved = fields['status_id'] !== undefined && fields['status_id'] !== before['status_id']
  const after = updateRecord(context, 'opportunity', row, {
    ...changes,
    ...(moved ? closing({ ...before, ...changes }, request) : {}),
  })
  if (moved) {
    const status = (id: Json | undefined): JsonObject =>
      organization.settings.opportunity_status.get(String(id)) ?? {}
    const [from, to] = [status(before['status_id']), status(after['status_id'])]
    insertRecord(context, 'activity', {
      _type: 'OpportunityStatusChange',
      lead_id: after['lead_id'] ?? null,
      contact_id: null,
      user_id: context.actor.userId,
      users: [],
      opportunity_id: textOf(after, 'id'),
      old_status_id: textOf(from, 'id'),
      new_status_id: textOf(to, 'id'),
      old_status_label: textOf(from, 'label'),
      new_status_label: textOf(to, 'label'),
      old_status_type: textOf(from, 'type'),
      new_status_type: textOf(to, 'type'),
    })
  }
  return after
}

/** Without a status, the opportunity gets the first status of the chosen pipeline, or of the first pipeline. */
function withStatus({ body, caller }: ApiRequest): JsonObject {
  if (body['status_id'] !== undefined) return body
  const { opportunity_status, pipeline } = caller.organization.settings
  const pipelineId = body['pipeline_id'] ?? textOf(pipeline.all()[0] ?? {}, 'id')
  const first = opportunity_status.all().find((status) => status['pipeline_id'] === pipelineId)
  if (!first) throw invalid({ pipeline_id: 'Unknown pipeline.' })
  return { ...body, status_id: textOf(first, 'id') }
}

/** Winning sets an empty date_won to the caller's present day, losing sets an empty date_lost. Nothing clears them. */
function closing(record: JsonObject, { caller, nowMs, offsetHours }: ApiRequest): JsonObject {
  const status = caller.organization.settings.opportunity_status.get(textOf(record, 'status_id') ?? '')
  const today = dateOnly(nowMs, offsetHours)
  if (status?.['type'] === 'won' && record['date_won'] === null) return { date_won: today }
  if (status?.['type'] === 'lost' && record['date_lost'] === null) return { date_lost: today }
  return {}
}

function notes(fields: JsonObject): JsonObject {
  const html = textOf(fields, 'note_html')
  if (html !== null) return { note_html: html, note: fromRichText(html) }
  const note = textOf(fields, 'note')
  return note === null ? {} : { note, note_html: toRichText(note) }
}

const PERIODS = ['one_time', 'monthly', 'annual', 'annualized'] as const

const totalsMemo = new TableMemo<JsonObject>()

/** Sums over everything that matches, not only over the page. */
function totals({ caller, query }: ApiRequest, lists: ListQuery): JsonObject {
  const { organization } = caller
  const rows = organization.tables.opportunity
  const key = JSON.stringify([lists.filters, query.get('query')])
  return totalsMemo.get(rows, key, () => {
    const matching = listAll(organization, lists, `opportunity ${key}`)
    const counts: Record<string, number> = {}
    const sums: Record<string, number> = {}
    const add = (name: string, cents: number): void => {
      sums[name] = (sums[name] ?? 0) + cents
    }
    for (const row of matching) {
      const record = rows.record(row)
      const period = textOf(record, 'value_period') ?? 'one_time'
      const cents = numberOf(record, 'value') ?? 0
      counts[period] = (counts[period] ?? 0) + 1
      add(`total_value_${period}`, cents)
      add(`expected_value_${period}`, expected(cents, record))
      add('total_value_annualized', annualizedValue(record))
      add('expected_value_annualized', expected(annualizedValue(record), record))
    }
    const envelope: JsonObject = { total_results: matching.length, count_by_value_period: counts }
    for (const kind of ['total_value', 'expected_value']) {
      for (const period of PERIODS) {
        const cents = sums[`${kind}_${period}`] ?? 0
        envelope[`${kind}_${period}`] = cents
        envelope[`${kind}_${period}_formatted`] = formatCents(cents)
      }
    }
    return envelope
  })
}
