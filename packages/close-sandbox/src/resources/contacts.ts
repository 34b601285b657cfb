import { type ApiRequest, changeContext, type Endpoints } from '../api/request.ts'
import { type ChangeContext, insertRecord, updateRecord } from '../data/changes.ts'
import type { Organization } from '../data/organization.ts'
import { phoneEntry } from '../data/phones.ts'
import { isObject, type Json, type JsonObject, textOf } from '../json.ts'
import { customValuesOf } from './custom-values.ts'
import { UNPUBLISHED_LIMITS } from './paging.ts'
import { tableEndpoints } from './table-resource.ts'
import { checkedFields, FieldProblem, nullable, type Rule, type Rules, recordId, text } from './validate.ts'

/** A list whose entries are objects with a text in `field`; `make` builds what is stored. */
function entries(field: string, make: (value: string, type: string) => JsonObject): Rule {
  return (value) => {
    if (!Array.isArray(value)) throw new FieldProblem('Input should be a valid list')
    return value.map((entry): Json => {
      const found = isObject(entry) ? textOf(entry, field) : null
      if (found === null || !isObject(entry)) throw new FieldProblem(`Each entry needs a ${field}.`)
      return make(found, textOf(entry, 'type') ?? 'office')
    })
  }
}

const RULES: Rules = {
  lead_id: recordId('lead'),
  name: nullable(text),
  title: nullable(text),
  emails: entries('email', (email, type) => {
    if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new FieldProblem('Invalid email address.')
    return { email, type, is_unsubscribed: false }
  }),
  phones: entries('phone', (phone, type) => {
    if (!/\d/.test(phone)) throw new FieldProblem('Invalid phone number.')
    return phoneEntry(phone, type)
  }),
  urls: entries('url', (url, type) => ({ url, type })),
}

export const contactEndpoints: Endpoints = tableEndpoints({
  path: '/contact/',
  table: 'contact',
  kinds: null,
  limits: { ...UNPUBLISHED_LIMITS, maxLimit: 200 },
  filters: ['lead_id'],
  orders: [],
  defaultOrder: '-date_updated',
  create: createContact,
  update: (request, row, before) => {
    const fields = contactFields(request.body, request.caller.organization, before)
    return updateRecord(changeContext(request), 'contact', row, fields)
  },
  remove: () => undefined,
})

/** The checked fields of a contact in a body. @throws ApiError 400 */
export function contactFields(
  body: JsonObject,
  organization: Organization,
  current?: JsonObject,
): JsonObject {
  return {
    ...checkedFields(body, RULES, organization),
    ...customValuesOf(body, 'contact', organization, current),
  }
}

export function insertContact(context: ChangeContext, fields: JsonObject): JsonObject {
  return insertRecord(context, 'contact', {
    name: null,
    title: null,
    emails: [],
    phones: [],
    urls: [],
    ...fields,
  })
}

/** Without a lead_id a new lead named after the contact is made, silently. */
function createContact(request: ApiRequest): JsonObject {
  const { organization } = request.caller
  const context = changeContext(request)
  const body = request.body['lead_id'] === null ? withoutLead(request.body) : request.body
  const fields = contactFields(body, organization)
  if (fields['lead_id'] === undefined) {
    fields['lead_id'] = newLead(context, textOf(fields, 'name'))
  }
  return insertContact(context, fields)
}

function withoutLead({ lead_id: _, ...rest }: JsonObject): JsonObject {
  return rest
}

/** Makes a lead that has only a name. Returns its id. */
export function newLead(context: ChangeContext, name: string | null): string | null {
  const { organization } = context
  const lead = insertRecord(context, 'lead', {
    name,
    description: '',
    url: null,
    status_id: textOf(organization.settings.lead_status.all()[0] ?? {}, 'id'),
    addresses: [],
  })
  return textOf(lead, 'id')
}
