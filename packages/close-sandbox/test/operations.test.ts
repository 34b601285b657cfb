import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/index.ts'
import { type Call, caller } from './client.ts'
import documented from './operations.json' with { type: 'json' }

/*
 * operations.json holds every operation that Close documents, with its query parameters. What is not named below is
 * served; what is named is refused by 501, so that nobody takes an answer for Close's that is not.
 */

/** Work that leaves Close, or answers of whose form the documents say nothing. */
const REFUSED = [
  'DELETE /phone_number/{id}/',
  'DELETE /role/{id}/',
  'DELETE /comment/{id}/',
  'DELETE /group/{group_id}/member/{user_id}/',
  'DELETE /scheduling_link/integration/{source_id}/',
  'DELETE /scheduling_link/{id}/',
  'DELETE /send_as/',
  'DELETE /send_as/{id}/',
  'DELETE /sequence/{id}/',
  'DELETE /sequence_subscription/{id}/',
  'DELETE /shared_scheduling_link/{id}/',
  'DELETE /unsubscribe/email/{email_address}/',
  'GET /email_template/{id}/render/',
  'GET /lead/{id}/files/',
  'GET /membership/{id}/pinned_views/',
  'GET /report/activity/metrics/',
  'GET /report/custom/{org_id}/',
  'GET /report/sent_emails/{org_id}/',
  'POST /bulk_action/delete/',
  'POST /bulk_action/edit/',
  'POST /bulk_action/email/',
  'POST /bulk_action/sequence_subscription/',
  'POST /comment/',
  'POST /enrich_field/',
  'POST /export/lead/',
  'POST /export/opportunity/',
  'POST /files/upload/',
  'POST /group/{group_id}/member/',
  'POST /lead/{id}/files/',
  'POST /phone_number/request/internal/',
  'POST /playbook/{id}/archive/',
  'POST /playbook/{id}/unarchive/',
  'POST /report/activity/',
  'POST /report/funnel/opportunity/stages/',
  'POST /report/funnel/opportunity/totals/',
  'POST /role/',
  'POST /scheduling_link/',
  'POST /scheduling_link/integration/',
  'POST /send_as/',
  'POST /send_as/bulk/',
  'POST /sequence/',
  'POST /sequence_subscription/',
  'POST /shared_scheduling_link/',
  'POST /shared_scheduling_link_association/',
  'POST /shared_scheduling_link_association/unmap/',
  'POST /unsubscribe/email/',
  'PUT /blocked_phone_number/settings/',
  'PUT /comment/{id}/',
  'PUT /membership/{id}/pinned_views/',
  'PUT /phone_number/{id}/',
  'PUT /role/{id}/',
  'PUT /scheduling_link/{id}/',
  'PUT /sequence/{id}/',
  'PUT /sequence_subscription/{id}/',
  'PUT /shared_scheduling_link/{id}/',
]

/** Parameters of served operations that are refused. */
const REFUSED_PARAMETERS = [
  'GET /event/ _skip',
  'GET /opportunity/ _group_by',
  'GET /opportunity/ lead_query',
  'GET /opportunity/ lead_saved_search_id',
  'GET /opportunity/ status',
  'GET /opportunity/ status__in',
  'GET /organization/{id}/ _expand',
  'GET /report/statuses/lead/{org_id}/ query',
  'GET /report/statuses/opportunity/{org_id}/ query',
  'GET /task/ format',
  'GET /user/availability/ organization_id',
]

let sandbox: Sandbox
let call: Call
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 5 })
  call = caller(sandbox)
})
afterAll(() => sandbox.close())

const operations: Readonly<Record<string, readonly string[]>> = documented
const parts = (operation: string): [string, string] => {
  const [method = '', path = ''] = operation.split(' ')
  return [method, path]
}
const named = (path: string) =>
  path
    .replace('/organization/{id}/', `/organization/${sandbox.organizations[0]?.id}/`)
    .replace('{org_id}', sandbox.organizations[0]?.id ?? '')
    .replace('{object_type}', 'lead')
    .replace(/\{[^}]+\}/g, 'none_1')

describe('the operations of Close', () => {
  it('are served, or refused by name', async () => {
    const refused: string[] = []
    const unknown: string[] = []
    for (const operation of Object.keys(operations)) {
      const [method, path] = parts(operation)
      const { status, body } = await call(method, named(path), method === 'GET' ? undefined : {})
      if (status === 405 || String(body['error']).includes('URL')) unknown.push(operation)
      else if (body['code'] === 'sandbox_not_served') refused.push(operation)
      else if (status >= 500) unknown.push(operation)
    }
    expect(unknown).toEqual([])
    expect(refused.sort()).toEqual(REFUSED.toSorted())
    expect(Object.keys(operations).length).toBeGreaterThan(300)
  })

  it('take their documented parameters, but for those that are named', async () => {
    const lead = String(sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'lead')[0]?.['id'])
    const refused: string[] = []
    for (const [operation, names] of Object.entries(operations)) {
      const [method, path] = parts(operation)
      const isRecord = /\{(id|object_type)\}/.test(path) && !path.startsWith('/organization/')
      if (method !== 'GET' || isRecord || REFUSED.includes(operation)) continue
      for (const name of names) {
        const value = name === 'lead_id' ? lead : valueFor(name)
        const within = name === 'lead_id' ? '' : `&lead_id=${lead}`
        // Some filters work only within a lead; where there is no lead_id, the parameter is tried alone.
        const answers = [
          await call('GET', `${named(path)}?${name}=${value}`),
          await call('GET', `${named(path)}?${name}=${value}${names.includes('lead_id') ? within : ''}`),
        ]
        if (answers.some(({ body }) => body['code'] === 'sandbox_not_served'))
          refused.push(`${operation} ${name}`)
      }
    }
    expect(refused.sort()).toEqual(REFUSED_PARAMETERS.toSorted())
  })
})

function valueFor(name: string): string {
  if (/^(date|activity_at|created_at|due_date|starts_at)/.test(name)) return '2026-01-01'
  if (/_limit|_skip|position/.test(name)) return '1'
  if (/^(is_|include)/.test(name)) return 'true'
  return name === '_fields' ? 'id' : name === '_order_by' ? '-date_created' : 'some_1'
}
