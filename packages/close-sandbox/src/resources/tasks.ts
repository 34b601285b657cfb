import { invalid } from '../api/errors.ts'
import { QueryParams } from '../api/query-params.ts'
import { type ApiAnswer, type ApiRequest, changeContext, type Endpoints, ok } from '../api/request.ts'
import { insertRecord, updateRecord } from '../data/changes.ts'
import { taskView } from '../data/shapes.ts'
import { isObject, type JsonObject, textOf } from '../json.ts'
import { requireChoice } from './filters.ts'
import { type ListQuery, listAll } from './listing.ts'
import { UNPUBLISHED_LIMITS } from './paging.ts'
import { listQuery, type TableResource, tableEndpoints } from './table-resource.ts'
import {
  checkedFields,
  flag,
  moment,
  nullable,
  oneOf,
  type Rules,
  recordId,
  text,
  userId,
} from './validate.ts'

const RULES: Rules = {
  _type: oneOf(['lead', 'outgoing_call']),
  lead_id: recordId('lead'),
  contact_id: nullable(recordId('contact')),
  assigned_to: nullable(userId),
  date: nullable(moment),
  is_complete: flag,
  text,
}

const UPDATE_RULES: Rules = { assigned_to: nullable(userId), date: nullable(moment), is_complete: flag }

const TYPES = [
  ...['lead', 'incoming_email', 'email_followup', 'missed_call', 'answered_detached_call', 'voicemail'],
  ...['opportunity_due', 'incoming_sms', 'outgoing_call'],
]

const RANGES = ['lt', 'lte', 'gt', 'gte']

const resource: TableResource = {
  path: '/task/',
  table: 'task',
  kinds: null,
  limits: UNPUBLISHED_LIMITS,
  filters: [
    'assigned_to',
    'id',
    'id__in',
    'is_complete',
    'lead_id',
    'organization_id',
    ...['date', 'due_date', 'date_created', 'date_updated'].flatMap((field) =>
      RANGES.map((suffix) => `${field}__${suffix}`),
    ),
    'date',
    'due_date',
  ],
  orders: ['date', 'date_created', 'date_updated'],
  defaultOrder: '-date_created',
  refine,
  rowExtras: (record, { nowMs }) => ({ view: taskView(record, nowMs) }),
  create: createTask,
  update: updateTask,
  remove: () => undefined,
}

const endpoints = tableEndpoints(resource)

export const taskEndpoints: Endpoints = {
  ...endpoints,
  '/task/': { ...endpoints['/task/'], PUT: updateTasks },
}

/** The default list has only `lead` tasks; `_type=all` has every one. */
function refine({ query, nowMs }: ApiRequest, lists: ListQuery): ListQuery {
  const types = query.get('_type__in')?.split(',') ?? [query.get('_type') ?? 'lead']
  const view = query.get('view') || null
  requireChoice('_type', types, [...TYPES, 'all'])
  if (view !== null) requireChoice('view', [view], ['inbox', 'future', 'archive'])
  return {
    ...lists,
    kinds: types.includes('all') ? null : types,
    conditions: view ? [(record) => taskView(record, nowMs) === view] : [],
  }
}

function createTask(request: ApiRequest): JsonObject {
  const { organization, user } = request.caller
  const fields = checkedFields(request.body, RULES, organization, ['lead_id'])
  const isCall = fields['_type'] === 'outgoing_call'
  return insertRecord(changeContext(request), 'task', {
    _type: 'lead',
    assigned_to: user.id,
    contact_id: null,
    date: null,
    is_complete: false,
    object_id: null,
    object_type: null,
    text: '',
    ...(isCall ? { resolution: null } : { is_dateless: (fields['date'] ?? null) === null }),
    ...fields,
  })
}

function updateTask(request: ApiRequest, row: number, before: JsonObject): JsonObject {
  const { organization } = request.caller
  const rules = before['_type'] === 'lead' ? { ...UPDATE_RULES, text } : UPDATE_RULES
  return change(request, row, before, checkedFields(request.body, rules, organization))
}

function change(request: ApiRequest, row: number, before: JsonObject, changes: JsonObject): JsonObject {
  const context = changeContext(request)
  const after = updateRecord(context, 'task', row, changes)
  if (before['is_complete'] !== true && after['is_complete'] === true) {
    insertRecord(context, 'activity', {
      _type: 'TaskCompleted',
      lead_id: after['lead_id'] ?? null,
      contact_id: null,
      user_id: context.actor.userId,
      users: [],
      task_id: textOf(after, 'id'),
      task_text: textOf(after, 'text'),
      task_assigned_to: after['assigned_to'] ?? null,
    })
  }
  return after
}

/** `{"_params": {"id__in": "..."}, "is_complete": true}` changes every task that the filters find. */
function updateTasks(request: ApiRequest): ApiAnswer {
  const { organization } = request.caller
  const params = request.body['_params']
  const query = new QueryParams(request.query)
  if (isObject(params)) {
    for (const [name, value] of Object.entries(params))
      query.set(name, Array.isArray(value) ? value.join() : String(value))
  }
  if (query.size === 0) throw invalid({}, ['A bulk update needs at least one filter.'])
  const changes = checkedFields(request.body, UPDATE_RULES, organization)
  const lists = listQuery(resource, { ...request, query })
  query.refuseUnread()
  const rows = [...listAll(organization, lists, `bulk ${query}`)]
  for (const row of rows) change(request, row, organization.tables.task.record(row), changes)
  return ok({ ok: true })
}
