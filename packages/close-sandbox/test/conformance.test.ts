import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Json, type JsonObject, type Sandbox, startSandbox } from '../src/index.ts'
import { type Answer, caller, clientForm, idOf, isObject, postForm, rowsOf, send } from './client.ts'
import shapes from './shapes.json' with { type: 'json' }

/*
 * shapes.json holds, for each documented example, its keys and the types of their values:
 * - `string|null` and so on; a lone `null` says only that the value can be null, so any type is right;
 * - `[]` and `{}` stand for a list or object whose content the example does not show;
 * - a key with `?` may be missing: it is documented, but not in every example of that object.
 * Custom fields are left out on both sides: each organization has its own.
 */

let sandbox: Sandbox
let lead: JsonObject

beforeAll(async () => {
  sandbox = await startSandbox({ leads: 30, seed: 'conformance', latencyMs: 0 })
  const organizationId = sandbox.organizations[0]?.id ?? ''
  // The first lead of a sandbox has one of everything.
  const merges = sandbox.control.truth(organizationId, 'lead_merge')
  const leads = sandbox.control.truth(organizationId, 'lead')
  lead = leads.find(({ id }) => merges.some((merge) => merge['lead_id'] === id)) ?? {}
})
afterAll(() => sandbox.close())

const call = (method: string, path: string, body?: Json): Promise<Answer> =>
  caller(sandbox)(method, path, body)

async function first(path: string): Promise<JsonObject> {
  const separator = path.includes('?') ? '&' : '?'
  return rowsOf(await call('GET', `${path}${separator}lead_id=${idOf(lead)}`))[0] ?? {}
}

function listOf(answer: Answer, wanted: (row: JsonObject) => boolean): JsonObject {
  return { ...answer.body, data: rowsOf(answer).filter(wanted) }
}

/** How each example is asked for; the shape's name is the key. */
const ANSWERS: Readonly<Record<keyof typeof shapes, () => Promise<Json>>> = {
  me: async () => (await call('GET', '/me/')).body,
  users_list: async () => (await call('GET', '/user/')).body,
  organization_get: async () => (await call('GET', `/organization/${sandbox.organizations[0]?.id}/`)).body,
  membership_create: async () =>
    (await call('POST', '/membership/', { email: 'new.person@acme-rocketry.example', role_id: 'user' })).body,
  membership_bulk_update: async () => {
    const organization = await call('GET', `/organization/${sandbox.organizations[0]?.id}/`)
    const memberships = organization.body['memberships']
    const id__in = Array.isArray(memberships) && isObject(memberships[1]) ? idOf(memberships[1]) : ''
    return (await call('PUT', '/membership/', { _params: { id__in }, role_id: 'user' })).body
  },
  roles_list: async () => (await call('GET', '/role/')).body,
  leads_list: async () => listOf(await call('GET', '/lead/?_limit=200'), ({ id }) => id === lead['id']),
  lead_create: async () =>
    (
      await call('POST', '/lead/', {
        name: 'Conforming Company',
        description: 'Sells shapes.',
        url: 'https://shapes.example/',
        status_id: lead['status_id'] ?? null,
        addresses: [
          {
            label: 'business',
            address_1: '1 Shape Street',
            address_2: 'Room 3',
            city: 'Formton',
            state: 'CA',
            zipcode: '94999',
            country: 'US',
          },
        ],
        contacts: [
          {
            name: 'Quill Formby',
            title: 'Head of Shapes',
            emails: [{ email: 'quill@shapes.example', type: 'office' }],
            phones: [{ phone: '2025550123', type: 'office' }],
          },
        ],
      })
    ).body,
  lead_merge_activity: async () => {
    const merge = await first('/activity/lead_merge/')
    return (await call('GET', `/activity/lead_merge/${idOf(merge)}/`)).body
  },
  contact_create: async () =>
    (
      await call('POST', '/contact/', {
        lead_id: idOf(lead),
        name: 'Runa Cornerstone',
        title: 'President',
        emails: [{ email: 'runa@shapes.example', type: 'office' }],
        phones: [{ phone: '2025550124', type: 'mobile' }],
        urls: [{ url: 'https://people.example/runa', type: 'url' }],
      })
    ).body,
  contact_get: async () => (await call('GET', `/contact/${idOf(await first('/contact/'))}/`)).body,
  opportunities_list: async () => (await call('GET', `/opportunity/?lead_id=${idOf(lead)}`)).body,
  opportunity_create: async () =>
    (
      await call('POST', '/opportunity/', {
        lead_id: idOf(lead),
        confidence: 90,
        value: 50_000,
        value_period: 'monthly',
        note_html: '<body><p>It looks good.</p></body>',
      })
    ).body,
  opportunity_update_to_won: async () => {
    const statuses = rowsOf(await call('GET', '/status/opportunity/'))
    const won = statuses.find(({ type }) => type === 'won')
    return (
      await call('PUT', `/opportunity/${idOf(await first('/opportunity/'))}/`, { status_id: idOf(won) })
    ).body
  },
  tasks_list: async () => (await call('GET', '/task/?_type=all')).body,
  task_lead: () => first('/task/?_type=lead'),
  task_missed_call: () => first('/task/?_type=missed_call'),
  task_outgoing_call: () => first('/task/?_type=outgoing_call'),
  task_create_lead: async () =>
    (
      await call('POST', '/task/', {
        _type: 'lead',
        lead_id: idOf(lead),
        text: 'Measure it',
        date: '2026-02-06',
      })
    ).body,
  tasks_bulk_update: async () =>
    (await call('PUT', '/task/', { _params: { id__in: idOf(await first('/task/')) }, is_complete: true }))
      .body,
  notes_list: async () => (await call('GET', `/activity/note/?lead_id=${idOf(lead)}`)).body,
  note_create: async () =>
    (await call('POST', '/activity/note/', { lead_id: idOf(lead), note_html: '<body><p>A note.</p></body>' }))
      .body,
  calls_list: async () => (await call('GET', `/activity/call/?lead_id=${idOf(lead)}`)).body,
  call_create_external: async () =>
    (
      await call('POST', '/activity/call/', {
        lead_id: idOf(lead),
        contact_id: idOf(await first('/contact/')),
        direction: 'outbound',
        duration: 153,
        status: 'completed',
        phone: '+12025550125',
        note_html: '<body><p>They will call back.</p></body>',
      })
    ).body,
  emails_list: async () => (await call('GET', `/activity/email/?lead_id=${idOf(lead)}`)).body,
  sms_list: async () => (await call('GET', `/activity/sms/?lead_id=${idOf(lead)}`)).body,
  meeting_get: async () =>
    (await call('GET', `/activity/meeting/${idOf(await first('/activity/meeting/'))}/`)).body,
  lead_status_change_create: async () => {
    const [before, after] = rowsOf(await call('GET', '/status/lead/'))
    const body = {
      lead_id: idOf(lead),
      date_created: '2024-08-23T20:57:45.956000+00:00',
      old_status_id: idOf(before),
      new_status_id: idOf(after),
    }
    return (await call('POST', '/activity/status_change/lead/', body)).body
  },
  created_activity_row: async () =>
    listOf(await call('GET', '/activity/?_limit=100'), ({ _type }) => _type === 'Created'),
  custom_activity_create: async () => {
    const [type] = rowsOf(await call('GET', '/custom_activity/'))
    const fields = rowsOf(await call('GET', '/custom_field/activity/'))
    const required = fields.find((field) => field['required'] === true)
    const body = {
      lead_id: idOf(lead),
      custom_activity_type_id: idOf(type),
      pinned: true,
      [`custom.${idOf(required)}`]: 'Good',
    }
    return (await call('POST', '/activity/custom/', body)).body
  },
  custom_activity_types_list: async () => (await call('GET', '/custom_activity/')).body,
  custom_object_create: async () => {
    const [type] = rowsOf(await call('GET', '/custom_object_type/'))
    return (
      await call('POST', '/custom_object/', {
        lead_id: idOf(lead),
        custom_object_type_id: idOf(type),
        name: 'Contract 7',
      })
    ).body
  },
  custom_fields_lead_list: async () => (await call('GET', '/custom_field/lead/')).body,
  custom_field_schema_get: async () => (await call('GET', '/custom_field_schema/lead/')).body,
  lead_statuses_list: async () => (await call('GET', '/status/lead/')).body,
  opportunity_statuses_list: async () => (await call('GET', '/status/opportunity/')).body,
  pipelines_list: async () => (await call('GET', '/pipeline/')).body,
  smart_views_list: async () => (await call('GET', '/saved_search/')).body,
  webhook_create: async () => (await call('POST', '/webhook/', WEBHOOK)).body,
  webhook_pause: async () => {
    const made = await call('POST', '/webhook/', WEBHOOK)
    return (await call('PUT', `/webhook/${idOf(made.body)}/`, { status: 'paused' })).body
  },
  events_list: async () => {
    await call('POST', '/activity/note/', { lead_id: idOf(lead), note: 'For the log.' })
    // A page in the middle has both cursors.
    const start = await call('GET', '/event/?_limit=1')
    return (await call('GET', `/event/?_limit=1&_cursor=${start.body['cursor_next']}`)).body
  },
  event_get: async () => {
    const note = await call('POST', '/activity/note/', { lead_id: idOf(lead), note: 'For one event.' })
    const [event] = rowsOf(await call('GET', `/event/?object_id=${idOf(note.body)}&action=created`))
    return (await call('GET', `/event/${idOf(event)}/`)).body
  },
  data_search_contacts: async () =>
    (
      await call('POST', '/data/search/', {
        query: { type: 'and', queries: [{ type: 'object_type', object_type: 'contact' }] },
        _fields: { contact: ['id', 'name', 'title'] },
        _limit: 10,
      })
    ).body,
  data_search_count_only: async () =>
    (await call('POST', '/data/search/', { query: {}, include_counts: true, results_limit: 0 })).body,
  oauth_token: async () => {
    const code = sandbox.control.authorize({ clientId: clientForm(sandbox).client_id })
    const form = { ...clientForm(sandbox), grant_type: 'authorization_code', code }
    return (await postForm(sandbox, '/oauth2/token/', form)).body
  },
  error_401: async () => (await send(`${sandbox.apiUrl}/api/v1/me/`, 'GET')).body,
  error_404_unknown_url: async () => (await call('GET', '/nowhere/')).body,
  error_400_limit: async () => (await call('GET', '/lead/?_limit=1000')).body,
  error_400_cursor: async () => {
    const body = { query: { type: 'object_type', object_type: 'lead' }, _limit: 1 }
    const page = await call('POST', '/data/search/', body)
    sandbox.control.advanceClock(31_000)
    return (await call('POST', '/data/search/', { ...body, cursor: page.body['cursor'] ?? null })).body
  },
  error_400_required: async () => (await call('POST', '/activity/note/', { note: 'Where to?' })).body,
}

const WEBHOOK: Json = {
  url: 'https://hooks.example/close',
  events: [
    {
      object_type: 'lead',
      action: 'created',
      extra_filter: { type: 'field_accessor', field: 'user_id', filter: { type: 'equals', value: 'user_1' } },
    },
  ],
}

describe('documented examples', () => {
  for (const [name, ask] of Object.entries(ANSWERS)) {
    it(`answers like the example ${name}`, async () => {
      const shape: unknown = Object.entries(shapes).find(([key]) => key === name)?.[1]
      expect(differences(shape, await ask(), name)).toEqual([])
    })
  }
})

/** What is wrong with a value, as a list of `path: problem`. */
function differences(shape: unknown, value: Json | undefined, path: string, mayBeEmpty = false): string[] {
  if (typeof shape === 'string') {
    if (shape === 'null' || shape === 'any') return []
    const type = value === null ? 'null' : typeof value
    return shape.split('|').includes(type) ? [] : [`${path}: ${type} instead of ${shape}`]
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${path}: no list`]
    if (shape.length > 0 && value.length === 0 && !mayBeEmpty) return [`${path}: an empty list shows nothing`]
    return value.flatMap((item, at) =>
      shape.length === 0 ? [] : differences(shape[0], item, `${path}[${at}]`),
    )
  }
  if (typeof shape !== 'object' || shape === null) return [`${path}: the shape itself is wrong`]
  if (!isObject(value)) return [`${path}: no object`]
  const fields = Object.entries(shape)
  if (fields.length === 0) return []
  const known = new Set(fields.map(([field]) => field.replace(/\?$/, '')))
  const extra = Object.keys(value).filter((field) => !known.has(field) && !field.startsWith('custom.'))
  return [
    ...extra.map((field) => `${path}.${field}: not in the example`),
    ...fields.flatMap(([key, inner]) => {
      const field = key.replace(/\?$/, '')
      if (value[field] === undefined) return key.endsWith('?') ? [] : [`${path}.${field}: missing`]
      return differences(inner, value[field], `${path}.${field}`, key.endsWith('?'))
    }),
  ]
}
