import type { DataRecord } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Source } from '../../src/index.ts'
import { testContext } from '../context.ts'
import { idsOf, openSandboxSource } from './stream-reading.ts'

const dayMs = 86_400_000

let sandbox: Sandbox
let source: Source
let organization: string
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 150, records: { sequence: 3, sequence_subscription: 40 } })
  organization = sandbox.organizations[0]?.id ?? ''
  source = await openSandboxSource(sandbox)
  for (const type of viewTypes) {
    sandbox.control.insert({
      type: 'saved_search',
      record: { name: `Some of ${type}`, type, s_query: { query: viewOf(type) } },
    })
  }
})
afterAll(() => sandbox.close())

/** What Close calls the records of a smart view's type in a search. */
const searched = (type: string) =>
  ['lead', 'contact', 'opportunity'].includes(type) ? type : `activity.${type}`
const viewTypes = [
  ...['lead', 'contact', 'opportunity', 'call', 'email', 'sms', 'meeting', 'note', 'whatsapp_message'],
  ...['custom_activity', 'form_submission'],
]
/** Of each kind the records of the first half of the leads, by their creation. */
function viewOf(type: string) {
  const object_type = searched(type)
  const [day] = middle(truth(type)).split('T')
  return {
    type: 'and',
    queries: [
      { type: 'object_type', object_type },
      {
        type: 'field_condition',
        field: { type: 'regular_field', object_type, field_name: 'date_created' },
        condition: { type: 'moment_range', before: { type: 'fixed_utc', value: `${day}T00:00:00Z` } },
      },
    ],
  }
}

const truth = (type: string) => sandbox.control.truth(organization, type)
const middle = (rows: readonly DataRecord[], field = 'date_created') =>
  rows.map((row) => String(row[field])).sort()[Math.floor(rows.length / 2)] ?? ''

async function read(stream: string, parameters: Record<string, string>): Promise<DataRecord[]> {
  const { signal } = testContext()
  const reader = await source.open({ stream, mode: 'full', columns: [], parameters }, 'run', signal)
  const records: DataRecord[] = []
  for await (const batch of reader.batches(null)) records.push(...batch.records)
  return records
}

/** The value that most of the records have, and the records with it. */
function commonest(rows: readonly DataRecord[], field: string): string {
  const values = Map.groupBy(rows, (row) => row[field] ?? null)
  values.delete(null)
  const [first] = [...values].sort(([, a], [, b]) => b.length - a.length)
  return String(first?.[0])
}

/** Streams by the sandbox's word for their records, each with the parameters that are fields of the record. */
const byField: readonly (readonly [stream: string, type: string, fields: readonly string[]])[] = [
  ['leads', 'lead', ['status_id', 'created_by']],
  ['opportunities', 'opportunity', ['pipeline_id', 'status_id', 'status_type', 'user_id', 'value_period']],
  ['tasks', 'task', ['_type', 'assigned_to', 'is_complete']],
  ['custom_objects', 'custom_object', ['custom_object_type_id']],
  ['notes', 'note', ['user_id']],
  ['calls', 'call', ['direction', 'status', 'outcome_id', 'user_id']],
  ['emails', 'email', ['direction', 'status', 'user_id']],
  ['sms', 'sms', ['direction', 'status', 'user_id']],
  ['whatsapp_messages', 'whatsapp_message', ['direction', 'user_id']],
  ['meetings', 'meeting', ['status', 'user_id']],
  ['form_submissions', 'form_submission', ['form_id']],
  ['custom_activities', 'custom_activity', ['custom_activity_type_id', 'user_id']],
  ['connected_accounts', 'connected_account', ['user_id']],
  ['phone_numbers', 'phone_number', ['user_id', 'is_group_number']],
  ['dialer_sessions', 'dialer', ['user_id']],
  ['saved_searches', 'saved_search', ['type']],
  ['playbooks', 'playbook', []],
  ['email_templates', 'email_template', ['is_archived', 'is_shared']],
  ['sequence_subscriptions', 'sequence_subscription', ['sequence_id']],
  ['bulk_emails', 'bulk_email', ['template_id']],
]

describe('a parameter that is a field of the record', () => {
  it.each(byField.flatMap(([stream, type, fields]) => fields.map((field) => ({ stream, type, field }))))(
    'keeps of $stream what has this $field, and nothing else',
    async ({ stream, type, field }) => {
      const rows = truth(type)
      const value = commonest(rows, field)
      const expected = idsOf(rows.filter((row) => String(row[field]) === value))
      expect(expected.length).toBeGreaterThan(0)
      expect(idsOf(await read(stream, { [field]: value }))).toEqual(expected)
    },
  )

  it('takes several values, and several parameters at once', async () => {
    const rows = truth('opportunity')
    const users = [...new Set(rows.map((row) => String(row['user_id'])))].slice(0, 2)
    const expected = rows.filter(
      (row) => users.includes(String(row['user_id'])) && row['status_type'] === 'active',
    )
    const found = await read('opportunities', { user_id: users.join(','), status_type: 'active' })
    expect(idsOf(found)).toEqual(idsOf(expected))
    expect(new Set(found.map((row) => row['user_id'])).size).toBe(2)
  })
})

describe('a range of days', () => {
  it.each([
    ['leads', 'lead'],
    ['contacts', 'contact'],
    ['activities', 'activity'],
    ['calls', 'call'],
    ['email_threads', 'email_thread'],
    ['lead_status_changes', 'lead_status_change'],
    ['task_completions', 'task_completed'],
    ['import_updates', 'import_update'],
  ])('keeps what of %s was created within it', async (stream, type) => {
    const rows = truth(type)
    const from = middle(rows).slice(0, 10)
    const to = new Date(Date.parse(from) + 30 * dayMs).toISOString().slice(0, 10)
    const until = new Date(Date.parse(to) + dayMs).toISOString()
    const isWithin = (row: DataRecord) =>
      String(row['date_created']) >= `${from}T` && String(row['date_created']) < until
    const expected = rows.filter(isWithin)
    expect(expected.length).toBeGreaterThan(0)
    expect(expected.length).toBeLessThan(rows.length)
    expect(idsOf(await read(stream, { created_from: from, created_to: to }))).toEqual(idsOf(expected))
  })

  it('keeps the events of its days, of a user, and of what happened', async () => {
    const lead = String(truth('lead')[0]?.['id'])
    for (const description of ['first', 'second']) {
      sandbox.control.edit({ type: 'lead', id: lead, changes: { description } })
      sandbox.control.advanceClock(3 * dayMs)
    }
    const all = await read('event_log', {})
    const from = new Date(Date.parse(String(all.at(0)?.['date_updated'])) - dayMs).toISOString().slice(0, 10)
    const recent = await read('event_log', { from })
    expect(recent.length).toBeGreaterThan(0)
    expect(recent.length).toBeLessThan(all.length)
    expect(recent.every((event) => String(event['date_updated']) >= from)).toBe(true)
    const updates = await read('event_log', { object_type: 'lead', action: 'updated' })
    expect(idsOf(updates)).toEqual(
      idsOf(all.filter((event) => event['object_type'] === 'lead' && event['action'] === 'updated')),
    )
    expect(updates.length).toBeGreaterThan(0)
  })
})

describe('a smart view', () => {
  it.each([
    ['leads', 'lead'],
    ['contacts', 'contact'],
    ['opportunities', 'opportunity'],
    ['notes', 'note'],
    ['calls', 'call'],
    ['emails', 'email'],
    ['sms', 'sms'],
    ['meetings', 'meeting'],
    ['whatsapp_messages', 'whatsapp_message'],
    ['form_submissions', 'form_submission'],
    ['custom_activities', 'custom_activity'],
  ])('keeps what it shows of %s, and is chosen by its name', async (stream, type) => {
    const options = (await source.options?.(stream, 'smart_view')) ?? []
    const view = options.find(({ label }) => label === `Some of ${type}`)
    const rows = truth(type)
    const [day = ''] = middle(rows).split('T')
    const expected = rows.filter((row) => String(row['date_created']) < `${day}T`)
    expect(expected.length).toBeGreaterThan(0)
    expect(expected.length).toBeLessThan(rows.length)
    expect(idsOf(await read(stream, { smart_view: view?.value ?? '' }))).toEqual(idsOf(expected))
  })

  it.each([
    ['contacts', 'contact'],
    ['opportunities', 'opportunity'],
    ['tasks', 'task'],
    ['activities', 'activity'],
    ['custom_objects', 'custom_object'],
  ])('of leads keeps what of %s belongs to them', async (stream, type) => {
    const options = (await source.options?.(stream, 'lead_smart_view')) ?? []
    const view = options.find(({ label }) => label === 'Some of lead')?.value ?? ''
    const leads = new Set((await read('leads', { smart_view: view })).map(({ id }) => id))
    const expected = truth(type).filter((row) => leads.has(row['lead_id']))
    expect(expected.length).toBeGreaterThan(0)
    expect(idsOf(await read(stream, { lead_smart_view: view }))).toEqual(idsOf(expected))
  })

  it('that is gone is said by its field', async () => {
    const view = sandbox.control.insert({
      type: 'saved_search',
      record: { name: 'Short', type: 'lead', s_query: { query: viewOf('lead') } },
    })
    const id = String(view['id'])
    sandbox.control.remove({ type: 'saved_search', id })
    await expect(read('leads', { smart_view: id })).rejects.toMatchObject({
      code: 'invalid_input',
      errors: [{ field: 'smart_view', rule: 'choice' }],
    })
  })
})

describe('a report', () => {
  it.each(['lead', 'opportunity'])(
    'of the statuses of a %s is about its days and its smart view',
    async (of) => {
      const rows = truth(of)
      const day = middle(rows).slice(0, 10)
      const view = (await source.options?.(`${of}_status_report`, 'smart_view')) ?? []
      const smart_view = view.find(({ label }) => label === `Some of ${of}`)?.value ?? ''
      const total = (records: readonly DataRecord[], field: string) =>
        records.reduce((sum, record) => sum + Number(record[field]), 0)
      const before = rows.filter((row) => String(row['date_created']) < `${day}T`).length
      const days = await read(`${of}_status_report`, { date_start: day })
      expect(total(days, 'started')).toBe(before)
      expect(total(days, 'ended')).toBe(rows.length)
      expect(total(await read(`${of}_status_report`, { smart_view }), 'ended')).toBe(before)
      const ways = await read(`${of}_status_transitions`, { date_start: day, date_end: day, smart_view })
      // Nothing that the view shows was made on that day or later.
      expect(ways.filter((way) => way['from_status_id'] === null)).toEqual([])
    },
  )
})

describe('the parameters of streams', () => {
  it('have choices of the account by their names', async () => {
    const people = truth('opportunity').map((row) => String(row['user_id']))
    const users = (await source.options?.('opportunities', 'user_id')) ?? []
    expect(users.map(({ value }) => value)).toEqual(expect.arrayContaining([...new Set(people)]))
    expect(users.every(({ label }) => /^\S.* \(.+@.+\)$/.test(label))).toBe(true)
    const statuses = (await source.options?.('opportunities', 'status_id')) ?? []
    expect(new Set(statuses.map(({ group }) => group))).toEqual(new Set(['Sales', 'Renewals']))
    for (const stream of await source.streams()) {
      for (const { name, optionsFrom } of stream.parameters) {
        if (optionsFrom !== 'account') continue
        const options = (await source.options?.(stream.name, name)) ?? []
        expect([stream.name, name, options.length > 0]).toEqual([stream.name, name, true])
      }
    }
  })

  it('are refused by their names', async () => {
    const faultOf = (stream: string, parameters: Record<string, string>) =>
      read(stream, parameters).then(
        () => null,
        (error: { errors?: readonly { field: string; rule: string }[] }) =>
          error.errors?.map(({ field, rule }) => [field, rule]),
      )
    expect(await faultOf('leads', { keeper: 'x' })).toEqual([['keeper', 'unknown']])
    expect(await faultOf('leads', { created_from: '2026-02-30' })).toEqual([['created_from', 'date']])
    const [created_from, created_to] = ['2026-02-02', '2026-02-01']
    expect(await faultOf('leads', { created_from, created_to })).toEqual([['created_to', 'form']])
    expect(await faultOf('calls', { direction: 'sideways' })).toEqual([['direction', 'choice']])
    expect(await faultOf('event_log', { action: 'updated' })).toEqual([['action', 'form']])
    expect(await faultOf('event_log', { object_type: 'lead' })).toEqual([['object_type', 'form']])
  })
})
