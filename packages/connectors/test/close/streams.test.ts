import { readFileSync } from 'node:fs'
import { parseCloseTimestamp } from '@latchwork/close'
import { type Column, type DataRecord, ExactNumber } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { streamRows } from '../../src/close/streams.ts'
import { describeStreams } from './document-streams.ts'
import { answerOf, idsOf, listIn, openSandboxSource, openStream, recordsOf } from './stream-reading.ts'

let sandbox: Sandbox
let organization: string
let leadId: string
beforeAll(async () => {
  sandbox = await startSandbox({
    leads: 400,
    records: { sequence: 3, sequence_subscription: 260, playbook: 150 },
  })
  organization = sandbox.organizations[0]?.id ?? ''
  leadId = String(sandbox.control.truth(organization, 'lead')[0]?.['id'])
  for (let turn = 0; turn < 70; turn += 1) {
    sandbox.control.edit({ type: 'lead', id: leadId, changes: { description: `turn ${turn}` } })
    sandbox.control.insert({ type: 'note', record: { lead_id: leadId, note: `Turn ${turn}` } })
  }
})
afterAll(() => sandbox.close())

type Rows = readonly Readonly<Record<string, unknown>>[]

/** The records that the sandbox has, by its own words for them. */
const truths: Readonly<Record<string, string>> = {
  leads: 'lead',
  contacts: 'contact',
  opportunities: 'opportunity',
  tasks: 'task',
  custom_objects: 'custom_object',
  comment_threads: 'comment_thread',
  comments: 'comment',
  activities: 'activity',
  notes: 'note',
  calls: 'call',
  emails: 'email',
  email_threads: 'email_thread',
  sms: 'sms',
  whatsapp_messages: 'whatsapp_message',
  meetings: 'meeting',
  form_submissions: 'form_submission',
  custom_activities: 'custom_activity',
  lead_status_changes: 'lead_status_change',
  opportunity_status_changes: 'opportunity_status_change',
  lead_creations: 'created',
  task_completions: 'task_completed',
  lead_merges: 'lead_merge',
  import_updates: 'import_update',
  groups: 'group',
  connected_accounts: 'connected_account',
  phone_numbers: 'phone_number',
  blocked_phone_numbers: 'blocked_phone_number',
  dialer_sessions: 'dialer',
  lead_statuses: 'lead_status',
  opportunity_statuses: 'opportunity_status',
  pipelines: 'pipeline',
  outcomes: 'outcome',
  custom_activity_types: 'custom_activity_type',
  custom_object_types: 'custom_object_type',
  saved_searches: 'saved_search',
  playbooks: 'playbook',
  forms: 'form',
  integration_links: 'integration_link',
  webhooks: 'webhook',
  email_templates: 'email_template',
  sms_templates: 'sms_template',
  sequences: 'sequence',
  sequence_subscriptions: 'sequence_subscription',
  unsubscribed_emails: 'unsubscribed_email',
  scheduling_links: 'scheduling_link',
  shared_scheduling_links: 'shared_scheduling_link',
  exports: 'export',
  bulk_edits: 'bulk_edit',
  bulk_deletes: 'bulk_delete',
  bulk_emails: 'bulk_email',
  bulk_sequence_subscriptions: 'bulk_sequence_subscription',
}

/** Those of which the sandbox answers the whole at once. */
const answers: Readonly<Record<string, () => Promise<Rows>>> = {
  users: async () => listIn(await answerOf(sandbox, '/user/'), 'data'),
  roles: async () => listIn(await answerOf(sandbox, '/role/'), 'data'),
  user_availability: async () => listIn(await answerOf(sandbox, '/user/availability/'), 'users'),
  organization: async () => [await answerOf(sandbox, `/organization/${organization}/`)],
  memberships: async () => {
    const whole = await answerOf(sandbox, `/organization/${organization}/`)
    return [...listIn(whole, 'memberships'), ...listIn(whole, 'inactive_memberships')]
  },
  send_as: async () => {
    const user = sandbox.apiKeys[0]?.userId
    return sandbox.control
      .truth(organization, 'send_as')
      .filter((each) => [each['allowing_user_id'], each['allowed_user_id']].includes(user ?? ''))
  },
  event_log: async () => {
    const rows: Record<string, unknown>[] = []
    for (let cursor = ''; ; ) {
      const page = await answerOf(sandbox, `/event/?_limit=50${cursor}`)
      rows.push(...listIn(page, 'data'))
      if (typeof page['cursor_next'] !== 'string') return rows
      cursor = `&_cursor=${encodeURIComponent(page['cursor_next'])}`
    }
  },
  ...Object.fromEntries(
    ['lead', 'contact', 'opportunity', 'activity', 'custom_object', 'shared'].map((of) => [
      `${of}_custom_fields`,
      async () =>
        listIn(
          await answerOf(sandbox, `/custom_field/${of === 'custom_object' ? 'custom_object_type' : of}/`),
          'data',
        ),
    ]),
  ),
  ...Object.fromEntries(
    ['lead', 'opportunity'].flatMap((of) => [
      [
        `${of}_status_report`,
        async () => {
          const report = await answerOf(sandbox, `/report/statuses/${of}/${organization}/`)
          return listIn(report, 'status_overview').map((row) => ({ id: row['status_id'], ...row }))
        },
      ],
      [
        `${of}_status_transitions`,
        async () => {
          const report = await answerOf(sandbox, `/report/statuses/${of}/${organization}/`)
          return listIn(report, 'status_transitions').map((row) => ({
            id: `${row['from_status_id'] ?? ''}:${row['to_status_id']}`,
            ...row,
          }))
        },
      ],
    ]),
  ),
}

async function expectedOf(name: string): Promise<Rows> {
  const type = truths[name]
  return type === undefined ? ((await answers[name]?.()) ?? []) : sandbox.control.truth(organization, type)
}

/** What a destination takes for each type of column. */
const fits: Readonly<Record<Column['type'], (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' || value instanceof ExactNumber,
  boolean: (value) => typeof value === 'boolean',
  date: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value),
  time: (value) => typeof value === 'string' && parseCloseTimestamp(value) !== undefined && value.length > 10,
  json: (value) => typeof value === 'object',
}

/** Activities in one table leave out some fields of single kinds, and records of before keep their columns. */
const ofBefore = ['leads', 'contacts', 'opportunities', 'tasks', 'activities', 'users']

describe('each stream of Close', () => {
  it.each(streamRows.map((row) => ({ name: row.name, row })))(
    '$name has all records that Close has, each once, with every field',
    async ({ name, row }) => {
      const expected = await expectedOf(name)
      expect(expected.length).toBeGreaterThan(0)
      const reader = await openStream(sandbox, name)
      const records: DataRecord[] = []
      for await (const batch of reader.batches(null)) {
        expect(batch.records.length).toBeGreaterThan(0)
        records.push(...batch.records)
      }
      expect(idsOf(records)).toEqual(idsOf(expected))
      const columns = new Set(reader.columns.map((column) => column.name))
      expect(columns.size).toBe(reader.columns.length)
      for (const { name: column, type } of reader.columns) {
        const values = records.map((record) => record[column] ?? null).filter((value) => value !== null)
        expect([column, values.filter((value) => !fits[type](value))]).toEqual([column, []])
      }
      const byId = new Map(records.map((record) => [record['id'], record]))
      for (const wanted of expected) {
        const record = byId.get(wanted['id']) ?? {}
        for (const [field, value] of Object.entries(wanted)) {
          const isLeftOut = row.secretFields?.includes(field) ?? ofBefore.includes(name)
          if (!columns.has(field) && isLeftOut) continue
          expect(columns).toContain(field)
          expect(record[field]).toEqual(value)
        }
        for (const field of Object.keys(record)) expect(columns).toContain(field)
      }
    },
  )

  it('keeps what is secret to itself', async () => {
    const secrets = sandbox.control
      .truth(organization, 'webhook')
      .map((each) => String(each['signature_key']))
    expect(secrets.every((secret) => secret.length > 20)).toBe(true)
    const text = JSON.stringify([await recordsOf(sandbox, 'webhooks'), await recordsOf(sandbox, 'exports')])
    for (const secret of secrets) expect(text).not.toContain(secret)
    expect(text).not.toContain('download_url')
  })

  it('keeps fields that Close does not document, together', async () => {
    const { id } = sandbox.control.insert({
      type: 'form',
      record: { name: 'New', questions: [{ label: 'Your name' }], theme: 'dark' },
    })
    const found = (await recordsOf(sandbox, 'forms')).find((record) => record['id'] === id)
    expect(found).toMatchObject({
      name: 'New',
      other_fields: { questions: [{ label: 'Your name' }], theme: 'dark' },
    })
    const reader = await openStream(sandbox, 'forms', ['name'])
    for await (const { records } of reader.batches(null)) {
      for (const record of records) expect(Object.keys(record).sort()).toEqual(['id', 'name'])
    }
    sandbox.control.remove({ type: 'form', id: String(id) })
  })

  it('has the members of groups, and says who of the organization has left', async () => {
    const groups = await recordsOf(sandbox, 'groups')
    expect(groups.every((group) => Array.isArray(group['members']))).toBe(true)
    const own = sandbox.apiKeys[0]?.userId
    const user = String((await recordsOf(sandbox, 'users')).find((each) => each['id'] !== own)?.['id'])
    sandbox.control.setUserActive(user, false)
    const memberships = await recordsOf(sandbox, 'memberships')
    sandbox.control.setUserActive(user, true)
    const active = new Map(memberships.map((each) => [each['user_id'], each['is_active']]))
    expect(active.get(user)).toBe(false)
    expect([...active.values()]).toContain(true)
  })
})

describe('the table of streams', () => {
  it('names and describes each once, with a key', () => {
    expect(streamRows.length).toBeGreaterThanOrEqual(60)
    for (const member of ['name', 'label'] as const) {
      expect(new Set(streamRows.map((row) => row[member])).size).toBe(streamRows.length)
    }
    for (const row of streamRows) {
      expect(row.description).toMatch(/^[A-Z].{10,}[.]$/)
      expect(Object.keys(row.fields)[0]).toBe('id')
      expect(row.name).toMatch(/^[a-z_]{3,40}$/)
    }
  })

  it('is what the source offers, with the account’s own types', async () => {
    const streams = await (await openSandboxSource(sandbox)).streams()
    const names = streams.map(({ name }) => name)
    expect(names.slice(0, streamRows.length)).toEqual(streamRows.map(({ name }) => name))
    const own = ['custom_activity_type', 'custom_object_type'].flatMap((type) =>
      sandbox.control.truth(organization, type),
    )
    expect(names.at(-1)).toBe('by_hand')
    expect(names.slice(streamRows.length, -1).sort()).toEqual(idsOf(own))
    const labels = streams.slice(streamRows.length).map(({ label }) => label)
    expect(labels).toEqual(expect.arrayContaining(['Site Visit', 'Handover', 'Contract', 'Machine']))
  })

  it('is described in the documentation', () => {
    const written = readFileSync(new URL('../../../../docs/streams.md', import.meta.url), 'utf8')
    expect(written).toBe(describeStreams())
  })

  it('keeps the columns of the streams of before', async () => {
    for (const [name, columns] of Object.entries(columnsOfBefore)) {
      const reader = await openStream(sandbox, name, [], 'sample')
      const documented = reader.columns
        .map((column) => column.name)
        .filter((each) => !each.startsWith('custom.'))
      expect(documented.join(' ')).toBe(columns)
    }
  })
})

const audit = 'organization_id created_by updated_by date_created date_updated'
const columnsOfBefore: Readonly<Record<string, string>> = {
  leads: `id name display_name description url html_url status_id status_label addresses contact_ids contacts opportunities tasks ${audit}`,
  contacts: `id lead_id name display_name title emails phones urls ${audit}`,
  opportunities: `id lead_id lead_name contact_id contact_name user_id user_name status_id status_label status_type pipeline_id pipeline_name value value_currency value_formatted value_period confidence expected_value annualized_value annualized_expected_value date_won date_lost note note_html ${audit}`,
  tasks: `id _type lead_id lead_name contact_id contact_name assigned_to assigned_to_name text date due_date is_complete is_dateless object_type object_id view priority created_by_name updated_by_name ${audit}`,
  users: 'id email first_name last_name image last_used_timezone organizations date_created date_updated',
}
