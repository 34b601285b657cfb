import { forbidden, invalid } from '../api/errors.ts'
import { type ApiRequest, type Endpoints, ok } from '../api/request.ts'
import { ACTIVITY_TYPES } from '../data/object-kinds.ts'
import { ACTIVITY_KINDS } from '../data/skeleton.ts'
import { type JsonObject, textOf } from '../json.ts'
import { ACTIVITY_WRITERS } from './activity-writers.ts'
import { requireChoice } from './filters.ts'
import type { ListQuery } from './listing.ts'
import { UNPUBLISHED_LIMITS } from './paging.ts'
import { find, type TableResource, tableEndpoints } from './table-resource.ts'

const LIMITS = { ...UNPUBLISHED_LIMITS, maxLimit: 100 }

const RANGES = ['gte', 'lte', 'gt', 'lt']

const FILTERS = [
  'id__in',
  'lead_id',
  'contact_id',
  'user_id',
  'organization_id',
  '_type',
  ...['date_created', 'activity_at'].flatMap((field) => RANGES.map((suffix) => `${field}__${suffix}`)),
]

/** Filters that Close documents for only some of the types. */
const MORE_FILTERS: Readonly<Record<string, readonly string[]>> = {
  OpportunityStatusChange: ['opportunity_id'],
  WhatsAppMessage: ['external_whatsapp_message_id'],
  FormSubmission: ['lead_id__in', 'user_id__in', 'contact_id__in', '_type__in', 'form_id', 'form_id__in'],
  CustomActivity: ['custom_activity_type_id', 'custom_activity_type_id__in'],
}

const NOT_DELETABLE = ['Created', 'LeadMerge']

const base: Pick<TableResource, 'table' | 'limits' | 'orders' | 'defaultOrder'> = {
  table: 'activity',
  limits: LIMITS,
  orders: ['date_created', 'activity_at'],
  defaultOrder: '-date_created',
}

const every: Endpoints = {
  '/activity/': {
    GET:
      tableEndpoints({
        ...base,
        path: '/activity/',
        kinds: null,
        filters: [
          ...FILTERS.filter((name) => name !== '_type'),
          'lead_id__in',
          'user_id__in',
          'contact_id__in',
        ],
        refine: refineEvery,
        remove: null,
      })['/activity/']?.['GET'] ?? (() => ok()),
  },
}

/** `/activity/` and one set of endpoints for each type. */
export const activityEndpoints: Endpoints = Object.assign(
  {},
  every,
  ...ACTIVITY_TYPES.map(({ kind, path }) => {
    const writer = ACTIVITY_WRITERS[kind]
    return tableEndpoints({
      ...base,
      path: `/activity/${path}/`,
      kinds: [kind],
      filters: [...FILTERS, ...(MORE_FILTERS[kind] ?? [])],
      refine: (request, lists) => {
        checkCombination(request)
        return { ...lists, order: orderOf(request, lists) }
      },
      ...(writer?.create ? { create: writer.create } : {}),
      ...(writer?.update ? { update: writer.update } : {}),
      remove: NOT_DELETABLE.includes(kind) ? null : () => undefined,
    })
  }),
  {
    '/activity/meeting/{id}/integration/': {
      POST: (request: ApiRequest) => {
        if (request.caller.apiKeyId !== null) throw forbidden('This endpoint requires OAuth.')
        const { record } = find({ table: 'activity', kinds: ['Meeting'] }, request)
        return ok(record)
      },
    },
  },
)

function refineEvery(request: ApiRequest, lists: ListQuery): ListQuery {
  checkCombination(request)
  const words = (request.query.get('_type__in') ?? request.query.get('_type'))?.split(',')
  const order = orderOf(request, lists)
  requireChoice(
    '_type',
    (words ?? []).filter((word) => !word.startsWith('actitype_')),
    [...ACTIVITY_KINDS, 'Custom'],
  )
  if (!words) return { ...lists, order }
  const types = words.filter((word) => word.startsWith('actitype_'))
  const kinds: string[] = ACTIVITY_KINDS.filter((kind) => words.includes(kind))
  const custom = words.includes('Custom') || words.includes('CustomActivity')
  if (custom || types.length > 0) kinds.push('CustomActivity')
  const ofType = (record: JsonObject): boolean =>
    record['_type'] !== 'CustomActivity' ||
    custom ||
    types.includes(textOf(record, 'custom_activity_type_id') ?? '')
  return { ...lists, kinds, order, conditions: types.length > 0 ? [ofType] : [] }
}

/** Filters on people and types, and the order by activity_at, are allowed only within a lead. */
function checkCombination({ query }: ApiRequest): void {
  const hasLead = query.has('lead_id') || query.has('lead_id__in')
  if (hasLead) return
  for (const name of [
    'user_id',
    'user_id__in',
    'contact_id',
    'contact_id__in',
    '_type',
    '_type__in',
    'custom_activity_type_id',
  ]) {
    if (query.get(name)) throw invalid({ [name]: 'This filter can only be used together with lead_id.' })
  }
  if (query.get('_order_by')?.endsWith('activity_at')) {
    throw invalid({ _order_by: 'activity_at can only be used together with lead_id.' })
  }
}

/** A filter on activity_at sorts by it as well: date filters must match the sort field. */
function orderOf({ query }: ApiRequest, lists: ListQuery): ListQuery['order'] {
  const fields = new Set(
    lists.filters
      .filter(({ comparison }) => comparison !== 'is' && comparison !== 'in')
      .map(({ field }) => field),
  )
  if (fields.size > 1) throw invalid({}, ['Filter by date_created or by activity_at, not by both.'])
  const [field] = fields
  if (field === undefined || field === lists.order.field) return lists.order
  if (query.get('_order_by')) throw invalid({ _order_by: 'The order must match the date filter.' })
  return { field, descending: true }
}
