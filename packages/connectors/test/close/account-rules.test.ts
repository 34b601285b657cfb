import type { Column, DataRecord } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config, PlannedPreview } from '../../src/index.ts'
import { openStreamWriter, testContext } from '../context.ts'
import { keyCredential, sandboxConnector } from './sandbox-access.ts'

let sandbox: Sandbox
/** Names of the account's fields by their labels, by the object. */
const named: Record<string, ReadonlyMap<string, string>> = {}
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 3 })
  for (const object of ['leads', 'contacts', 'opportunities']) {
    const { targetColumns } = await preview({ object, mode: 'create', mapping: '' }, [])
    named[object] = new Map(targetColumns.map(({ label, name }) => [label, name]))
  }
})
afterAll(() => sandbox.close())

const columns = ['value', 'name', 'lead', 'other'].map(
  (name): Column => ({ name, label: name, type: 'text' }),
)
/** A list as Close's API gives it. */
async function listed(path: string): Promise<Record<string, unknown>[]> {
  const authorization = `Basic ${Buffer.from(`${sandbox.apiKeys[0]?.key}:`).toString('base64')}`
  const answer = await fetch(new URL(`/api/v1${path}`, sandbox.apiUrl), { headers: { authorization } })
  return ((await answer.json()) as { data: Record<string, unknown>[] }).data
}
const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)

async function preview(config: Config, records: readonly DataRecord[]): Promise<PlannedPreview> {
  const dataset = { columns, records, key: null, ordered: true }
  const found = await sandboxConnector(sandbox).preview?.(
    config,
    keyCredential(sandbox),
    testContext(),
    dataset,
  )
  if (found === undefined) throw new Error('the Close connector has no preview')
  return found
}

/** What a run refuses, and how many requests it sent to create something. */
async function run(config: Config, records: readonly DataRecord[]) {
  const credential = keyCredential(sandbox)
  const options = { columns, key: null }
  const writer = await openStreamWriter(sandboxConnector(sandbox), config, credential, testContext(), options)
  sandbox.control.clearRequests()
  const result = await writer.write(records)
  const posts = sandbox.control.requests().filter(({ method }) => method === 'POST').length
  return { posts, written: result.written, refused: result.refused.map(({ message }) => message) }
}

/** A form that maps `value` to a field known by its label, and what a record needs besides. */
function form(object: string, label: string): Config {
  const needed = { leads: ['name', 'name'], contacts: ['name', 'name'], opportunities: ['lead', 'lead_id'] }
  const [from = '', to = ''] = needed[object as keyof typeof needed]
  const mapping = [
    { from, to },
    { from: 'value', to: named[object]?.get(label) ?? label },
  ]
  return { object, mode: 'create', mapping: JSON.stringify(mapping) }
}

const refusedInBoth: [string, string, unknown, RegExp][] = [
  [
    'leads',
    'Status, by label',
    'Prospect',
    /^Status, by label \(status\) takes .*Potential, Qualified, Customer/,
  ],
  ['leads', 'Status, by id', 'stat_nowhere', /^Status, by id \(status_id\) takes the id of a lead status/],
  ['leads', 'Industry', 'Banking', /^Industry \(custom\.cf_\w+\) takes .*Retail, Crafts, Health/],
  ['leads', 'Interests', ['Reports', 'Fax'], /^Interests \(custom\.cf_\w+\) takes .* and “Fax” is none/],
  ['leads', 'Renewal date', '31.01.2026', /^Renewal date \(custom\.cf_\w+\) takes a date like/],
  ['leads', 'Renewal date', '2026-02-30', /takes a date like 2026-01-31, and “2026-02-30” is none/],
  ['leads', 'Last seen', 'yesterday', /^Last seen \(custom\.cf_\w+\) takes a moment like/],
  ['leads', '# of seats', 'many', /^# of seats \(custom\.cf_\w+\) takes a number/],
  [
    'leads',
    'Account manager',
    'Nobody Here',
    /^Account manager \(custom\.cf_\w+\) takes a user of this account/,
  ],
  ['leads', 'Owner', 'user_gone', /^Owner \(custom\.cf_\w+\) takes a user of this account/],
  ['contacts', 'Newsletter', 'Maybe', /^Newsletter \(custom\.cf_\w+\) takes .*Yes, No/],
  ['contacts', 'Email addresses', 'nobody', /“nobody” is no email address \(emails\)/],
  ['contacts', 'Phone numbers', 'unknown', /“unknown” is no phone number \(phones\)/],
  ['opportunities', 'Status, by id', 'stat_nowhere', /^Status, by id \(status_id\) takes the id of an opp/],
  [
    'opportunities',
    'Pipeline, by id',
    'pipe_nowhere',
    /^Pipeline, by id \(pipeline_id\) takes the id of a pip/,
  ],
  ['opportunities', 'User, by id', 'user_gone', /^User, by id \(user_id\) takes the id of a user/],
  ['opportunities', 'Confidence, in percent', '120', /takes a whole number from 0 to 100, and “120” is none/],
  ['opportunities', 'Value, in cents', '12.5', /takes a whole number, and “12.5” is none/],
  ['opportunities', 'Date won', 'soon', /takes a date like 2026-01-31/],
  [
    'opportunities',
    'Value period (one_time, monthly, annual)',
    'weekly',
    /takes one of one_time, monthly, annual/,
  ],
]

describe('what the account would refuse', () => {
  it.each(refusedInBoth)('of %s, in %s: %j, is refused by the preview as by the run', async (...row) => {
    const [object, label, value, message] = row
    const lead = truth('lead')[0]?.['id']
    const records = [{ name: 'A', lead, value }]
    const shown = await preview(form(object, label), records)
    expect(shown.rows).toMatchObject([
      { action: 'refuse', after: null, message: expect.stringMatching(message) },
    ])
    // The run asks the same rules, and Close is not asked for what they refuse.
    expect(await run(form(object, label), records)).toEqual({
      posts: 0,
      written: 0,
      refused: shown.rows.map((each) => each.message),
    })
  })

  it('is a status of another pipeline', async () => {
    const statuses = await listed('/status/opportunity/')
    const [due, won] = ['Due', 'Won'].map((label) => statuses.find((each) => each['label'] === label))
    const lead = truth('lead')[0]?.['id']
    const pairs = { lead: 'lead_id', value: 'status_id', other: 'pipeline_id' }
    const mapping = JSON.stringify(Object.entries(pairs).map(([from, to]) => ({ from, to })))
    const config = { object: 'opportunities', mode: 'create', mapping }
    const records = [
      { lead, value: due?.['id'], other: won?.['pipeline_id'] },
      { lead, value: won?.['id'], other: won?.['pipeline_id'] },
    ]
    const { rows } = await preview(config, records)
    expect(rows.map(({ action }) => action)).toEqual(['refuse', 'create'])
    expect(rows[0]?.message).toBe('The status Due belongs to the pipeline Renewals, not to Sales.')
    expect(await run(config, records)).toEqual({ posts: 1, written: 1, refused: [rows[0]?.message] })
  })
})

describe('what the account knows', () => {
  it('is taken as it is spelled there, by id or name, and an empty value is left out', async () => {
    const [user = {}] = await listed('/user/')
    const name = `${String(user['first_name'])} ${String(user['last_name'])}`
    const cases: [string, unknown, unknown][] = [
      ['Status, by label', ' qualified ', 'Qualified'],
      ['Industry', 'crafts', 'Crafts'],
      ['Interests', ['reports', 'API'], ['Reports', 'API']],
      ['Renewal date', ' 2026-01-31 ', '2026-01-31'],
      ['Last seen', '2026-01-31T10:00:00Z', '2026-01-31T10:00:00Z'],
      ['Account manager', name, user['id']],
      ['Account manager', user['id'], user['id']],
      ['Industry', ' ', undefined],
    ]
    for (const [label, value, sent] of cases) {
      const config = form('leads', label)
      const records = [{ name: `Known ${label}`, value }]
      const [row] = (await preview(config, records)).rows
      expect([row?.action, row?.message]).toEqual(['create', null])
      expect(row?.after?.[named['leads']?.get(label) ?? '']).toEqual(sent)
      expect(await run(config, records)).toEqual({ posts: 1, written: 1, refused: [] })
    }
  })

  it('is asked for only where the mapping needs it', async () => {
    sandbox.control.clearRequests()
    await preview(form('leads', 'Description'), [{ name: 'A', value: 'x' }])
    const paths = sandbox.control.requests().map(({ path }) => path)
    expect(paths.filter((path) => /status|user|pipeline/.test(path))).toEqual([])
  })
})

describe('an id that is in no account', () => {
  const unknown = {
    lead: 'lead_nowhere0000000000000000000000000000000000',
    contact: 'cont_nowhere00000000000000000000000000000000000',
  }
  const known = () => String(truth('lead')[0]?.['id'])
  it.each([
    ['leads', 'update', { id: unknown.lead, name: 'A' }, `There is no lead ${unknown.lead} in this account.`],
    ['leads', 'update', { id: 'no id at all', name: 'A' }, 'There is no lead no id at all in this account.'],
    [
      'contacts',
      'create',
      { lead_id: unknown.lead, name: 'A' },
      `There is no lead ${unknown.lead} in this account.`,
    ],
    [
      'opportunities',
      'create',
      { lead_id: unknown.lead, note: 'A' },
      `There is no lead ${unknown.lead} in this account.`,
    ],
  ])('is refused by the preview of %s (%s), as by the run', async (object, mode, record, message) => {
    const names = Object.keys(record)
    const config = { object, mode, mapping: JSON.stringify(names.map((name) => ({ from: name, to: name }))) }
    const own = names.map((name): Column => ({ name, label: name, type: 'text' }))
    const good = { ...record, [names[0] ?? '']: known() }
    const dataset = { columns: own, records: [record, good], key: null, ordered: true }
    const shown = await sandboxConnector(sandbox).preview?.(
      config,
      keyCredential(sandbox),
      testContext(),
      dataset,
    )
    expect(shown?.rows.map((row) => [row.action, row.message])).toEqual([
      ['refuse', message],
      [mode, null],
    ])
    const options = { columns: own, key: null }
    const writer = await openStreamWriter(
      sandboxConnector(sandbox),
      config,
      keyCredential(sandbox),
      testContext(),
      options,
    )
    const { written, refused } = await writer.write([record, good])
    expect([written, refused.map(({ index }) => index)]).toEqual([1, [0]])
  })
})
