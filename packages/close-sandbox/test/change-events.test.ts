import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type JsonObject, type Sandbox, startSandbox } from '../src/index.ts'
import { type Call, caller, idOf, rowsOf } from './client.ts'

let sandbox: Sandbox
let call: Call
let organizationId: string
beforeEach(async () => {
  sandbox = await startSandbox({ leads: 40, seed: 'changes' })
  call = caller(sandbox)
  organizationId = sandbox.organizations[0]?.id ?? ''
})
afterEach(() => sandbox.close())

const truth = (type: string) => sandbox.control.truth(organizationId, type)
const events = async (query = ''): Promise<JsonObject[]> => rowsOf(await call('GET', `/event/?${query}`))

/** What changes and by which words the log says so; null: Close documents no events of it. */
const KINDS: readonly (readonly [type: string, objectType: string | null, record?: JsonObject])[] = [
  ['lead', 'lead'],
  ['contact', 'contact'],
  ['opportunity', 'opportunity'],
  ['task', 'task.lead'],
  ['note', 'activity.note'],
  ['email_thread', 'activity.email_thread'],
  ['whatsapp_message', 'activity.whatsapp_message'],
  ['lead_status_change', 'activity.lead_status_change'],
  ['form_submission', 'activity.form_submission'],
  ['custom_activity', 'activity.custom_activity'],
  ['created', null],
  ['import_update', null],
  ['custom_object', 'custom_object'],
  ['lead_status', 'status.lead', { label: 'New' }],
  ['opportunity_status', 'status.opportunity', { label: 'New', type: 'active' }],
  ['custom_field', 'custom_fields.contact', { object_type: 'contact', name: 'New', type: 'text' }],
  [
    'custom_field',
    'custom_fields.custom_object',
    { object_type: 'custom_object_type', name: 'New', type: 'text' },
  ],
  ['custom_activity_type', 'custom_activity_type', { name: 'New' }],
  ['custom_object_type', 'custom_object_type', { name: 'New' }],
  ['saved_search', 'saved_search', { name: 'New', type: 'lead' }],
  ['group', 'group'],
  ['phone_number', 'phone_number'],
  ['email_template', 'email_template'],
  ['sms_template', 'sms_template'],
  ['sequence', 'sequence'],
  ['sequence_subscription', 'sequence_subscription'],
  ['comment', 'comment'],
  ['comment_thread', 'comment_thread'],
  ['unsubscribed_email', 'unsubscribed_email'],
  ['bulk_edit', 'bulk_action.edit'],
  ['bulk_delete', 'bulk_action.delete'],
  ['bulk_email', 'bulk_action.email'],
  ['bulk_sequence_subscription', 'bulk_action.sequence_subscription'],
  ['export', 'export.lead', { type: 'leads' }],
  ['export', 'export.opportunity', { type: 'opportunities' }],
  ['pipeline', null, { name: 'New' }],
  ['outcome', null],
  ['playbook', null],
  ['form', null],
  ['connected_account', null],
  ['send_as', null],
  ['integration_link', null],
  ['blocked_phone_number', null],
  ['scheduling_link', null],
  ['shared_scheduling_link', null],
  ['dialer', null],
  ['webhook', null],
]

describe('a change behind the back of a client', () => {
  for (const [type, objectType, record = {}] of KINDS) {
    it(`of a ${type} is an event of ${objectType ?? 'nothing'}`, async () => {
      const before = truth(type).length
      const lead = { lead_id: idOf(truth('lead')[0]) }
      const isChild = ['contact', 'opportunity', 'task', 'custom_object', 'note'].includes(type)
      const made = sandbox.control.insert({ type, record: { ...(isChild ? lead : {}), ...record } })
      expect(truth(type)).toHaveLength(before + 1)
      sandbox.control.advanceClock(60_000)
      sandbox.control.edit({ type, id: idOf(made), changes: { note_of_a_test: 'changed' } })
      expect(truth(type).find(({ id }) => id === made['id'])).toMatchObject({ note_of_a_test: 'changed' })
      sandbox.control.remove({ type, id: idOf(made) })
      expect(truth(type)).toHaveLength(before)
      const logged = await events()
      const expected = objectType === null ? [] : ['deleted', 'updated', 'created']
      expect(logged.map(({ action }) => action)).toEqual(expected)
      expect(
        logged.every((event) => event['object_type'] === objectType && event['object_id'] === made['id']),
      ).toBe(true)
    })
  }

  it('of a thread of emails takes its emails along', async () => {
    const thread = truth('email_thread').find(
      ({ thread_email_ids: ids }) => Array.isArray(ids) && ids.length > 0,
    )
    const ids = Array.isArray(thread?.['thread_email_ids']) ? thread['thread_email_ids'].map(String) : []
    expect(truth('email').map(idOf)).toEqual(expect.arrayContaining(ids))
    expect((await call('DELETE', `/activity/emailthread/${idOf(thread)}/`)).status).toBe(200)
    expect(truth('email').filter(({ id }) => ids.includes(String(id)))).toEqual([])
    const logged = (await events()).map((event) => [
      event['action'],
      event['object_type'],
      event['object_id'],
    ])
    expect(logged).toEqual([
      ['deleted', 'activity.email_thread', idOf(thread)],
      ...ids.map((id) => ['deleted', 'activity.email', id]),
    ])
  })

  it('of a membership is one too', async () => {
    const [, user] = sandbox.users
    sandbox.control.setUserActive(user?.id ?? '', false)
    sandbox.control.setUserActive(user?.id ?? '', true)
    const { body } = await call('POST', '/membership/', {
      email: 'new@acme-rocketry.example',
      role_id: 'user',
    })
    sandbox.control.advanceClock(60_000)
    await call('PUT', `/membership/${idOf(body)}/`, { role_id: 'restricteduser' })
    await call('DELETE', `/membership/${idOf(body)}/`)
    const logged = await events()
    expect(new Set(logged.map((event) => event['object_type']))).toEqual(new Set(['membership']))
    expect(logged.map(({ action }) => action)).toEqual([
      'deleted',
      'updated',
      'created',
      'activated',
      'deactivated',
    ])
    expect(logged[1]?.['previous_data']).toMatchObject({ role_id: 'user' })
  })
})
