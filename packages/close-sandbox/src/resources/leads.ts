import { ApiError, invalid } from '../api/errors.ts'
import { notServed } from '../api/not-served.ts'
import {
  type ApiAnswer,
  type ApiRequest,
  changeContext,
  type Endpoints,
  ok,
  requirePermission,
} from '../api/request.ts'
import { insertRecord, updateRecord } from '../data/changes.ts'
import { mergeLeads } from '../data/merging.ts'
import { type Json, type JsonObject, listOf, objectsOf, textOf } from '../json.ts'
import { contactFields, insertContact } from './contacts.ts'
import { customValuesOf } from './custom-values.ts'
import { readLeadQuery } from './lead-query.ts'
import { listAll } from './listing.ts'
import { type TableResource, tableEndpoints } from './table-resource.ts'
import { checkedFields, list, nullable, type Rules, recordId, settingId, text } from './validate.ts'

const RULES: Rules = {
  name: nullable(text),
  description: text,
  url: nullable(text),
  status_id: settingId('lead_status'),
  addresses: list,
}

const resource: TableResource = {
  path: '/lead/',
  table: 'lead',
  kinds: null,
  limits: { maxLimit: 200, maxSkip: 35_000 },
  filters: [],
  orders: [],
  defaultOrder: '-date_updated',
  refine: ({ query, caller }, lists) => {
    // The old text search: deprecated and undocumented since 2022, but it still works.
    const words = query.get('query')
    if (!words) return lists
    const { order, filters, conditions } = readLeadQuery(words, caller.organization)
    return { ...lists, order: order ?? lists.order, filters, conditions }
  },
  extras: ({ caller, query }, lists) => {
    const { organization } = caller
    const words = query.get('query')
    return {
      total_results: words
        ? listAll(organization, lists, `lead query ${words}`).length
        : organization.tables.lead.count,
    }
  },
  create: createLead,
  update: updateLead,
  remove: (request) => requirePermission(request, 'delete_leads'),
}

export const leadEndpoints: Endpoints = {
  ...tableEndpoints(resource),
  '/lead/merge/': { POST: merge },
}

function createLead(request: ApiRequest): JsonObject {
  const { organization } = request.caller
  const { body } = request
  const fields = checkedFields(withStatus(request), RULES, organization)
  const custom = customValuesOf(body, 'lead', organization)
  const contacts = nestedContacts(request)
  const nested = ['opportunities', 'tasks'].find((name) => listOf(body, name).length > 0)
  if (nested !== undefined) throw notServed(`${nested} nested in a new lead`)
  const context = changeContext(request)
  const lead = insertRecord(context, 'lead', {
    name: null,
    description: '',
    url: null,
    status_id: textOf(organization.settings.lead_status.all()[0] ?? {}, 'id'),
    addresses: [],
    ...fields,
    ...custom,
  })
  const lead_id = textOf(lead, 'id')
  for (const contact of contacts) insertContact(context, { ...contact, lead_id })
  insertRecord(context, 'activity', {
    _type: 'Created',
    lead_id,
    contact_id: null,
    user_id: context.actor.userId,
    users: [],
    source: 'api',
  })
  return lead
}

function updateLead(request: ApiRequest, row: number, before: JsonObject): JsonObject {
  const { organization } = request.caller
  const fields = checkedFields(withStatus(request), RULES, organization)
  const custom = customValuesOf(request.body, 'lead', organization, before)
  const context = changeContext(request)
  const after = updateRecord(context, 'lead', row, { ...fields, ...custom })
  if (before['status_id'] !== after['status_id']) {
    const label = (status: Json | undefined): Json =>
      textOf(organization.settings.lead_status.get(String(status)) ?? {}, 'label')
    insertRecord(context, 'activity', {
      _type: 'LeadStatusChange',
      lead_id: textOf(after, 'id'),
      contact_id: null,
      user_id: context.actor.userId,
      users: [],
      old_status_id: before['status_id'] ?? null,
      new_status_id: after['status_id'] ?? null,
      old_status_label: label(before['status_id']),
      new_status_label: label(after['status_id']),
    })
  }
  return after
}

/** A status may be given by its label in `status` instead of `status_id`. */
function withStatus({ body, caller }: ApiRequest): JsonObject {
  const label = body['status']
  if (label === undefined || body['status_id'] !== undefined) return body
  const status = caller.organization.settings.lead_status.all().find((each) => each['label'] === label)
  if (!status) throw invalid({ status: 'Unknown lead status.' })
  return { ...body, status_id: textOf(status, 'id') }
}

/** Errors of nested contacts are nested in the answer, under the contact's position. */
function nestedContacts(request: ApiRequest): JsonObject[] {
  const problems: Record<string, Json> = {}
  if (request.body['contacts'] !== undefined && !Array.isArray(request.body['contacts'])) {
    throw invalid({ contacts: 'Input should be a valid list' })
  }
  const contacts = objectsOf(request.body, 'contacts').map((contact, at) => {
    try {
      return contactFields(contact, request.caller.organization)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      problems[String(at)] = error.body['field-errors'] ?? {}
      return {}
    }
  })
  if (Object.keys(problems).length > 0) throw invalid({ contacts: { errors: problems } })
  return contacts
}

function merge(request: ApiRequest): ApiAnswer {
  requirePermission(request, 'merge_leads')
  const rules = { source: recordId('lead'), destination: recordId('lead') }
  const fields = checkedFields(request.body, rules, request.caller.organization, ['source', 'destination'])
  const [source, destination] = [String(fields['source']), String(fields['destination'])]
  if (source === destination) throw invalid({ destination: 'A lead cannot be merged into itself.' })
  mergeLeads(changeContext(request), { source, destination })
  return ok()
}
