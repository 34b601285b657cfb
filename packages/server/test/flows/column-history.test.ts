import { type Client, type FlowStream, flowStreamSchema, newId } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import type pg from 'pg'
import { beforeAll, expect, it } from 'vitest'
import { closeCredential, runFlow } from './moving.ts'
import { startWithDatabase } from './with-database.ts'

const seats = 'cf_1234567890123456789012345678901234567890123'
const column = `custom.${seats}`
const field = { type: 'custom_field', id: seats }

let client: Client
let database: pg.Client
let sandbox: Sandbox
let sides = { sourceId: '', destinationId: '' }
beforeAll(async () => {
  const made = await startWithDatabase({ leads: 40 })
  ;({ client, database, sandbox } = made)
  define()
  for (const [at, { id }] of leads().slice(0, 3).entries()) edit(String(id), { [column]: at + 1 })
  later()
  const source = { connector: 'close', config: { object: 'streams' } }
  const credentialId = await closeCredential(client, sandbox)
  const { id: sourceId } = await client.sources.create({ body: { ...source, name: 'Close', credentialId } })
  const destination = { connector: 'postgres', config: { schema: 'public' }, credentialId: made.credentialId }
  const { id: destinationId } = await client.destinations.create({ body: { ...destination, name: 'Tables' } })
  sides = { sourceId, destinationId }
  return made.stop
})

const leads = () => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'lead')
const edit = (id: string, changes: Record<string, string | number | null>): void => {
  sandbox.control.edit({ type: 'lead', id, changes })
}
const define = (): void => {
  const record = { id: seats, object_type: 'lead', name: 'Seats', type: 'number' }
  sandbox.control.insert({ type: field.type, record })
}
/** Beyond what is read again in any case. */
const later = () => sandbox.control.advanceClock(3_600_000)

const streamsOf = (target: string, more: Partial<FlowStream> = {}) => ({
  everything: false as const,
  chosen: [flowStreamSchema.parse({ stream: 'leads', mode: 'incremental', target, ...more })],
})
const flowOf = async (target: string, more: Partial<FlowStream> = {}): Promise<string> =>
  (await client.flows.create({ body: { name: newId('flow'), ...sides, streams: streamsOf(target, more) } }))
    .id

/** Of each record that is not marked as deleted, in the table and in Close. */
async function inTable(table: string, name: string): Promise<Map<string, unknown>> {
  const text = `SELECT id, "${name}"::text AS value FROM public.${table} AS t WHERE to_jsonb(t)->>'_deleted_at' IS NULL ORDER BY id`
  return new Map((await database.query(text)).rows.map((row) => [row.id, row.value]))
}
const inClose = (name: string, isKept: (lead: Record<string, unknown>) => boolean = () => true) =>
  new Map(
    leads()
      .filter(isKept)
      .map((lead): [string, unknown] => [String(lead['id']), lead[name] == null ? null : String(lead[name])])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )

it('a new field of Close brings what old records have in it, and one that is gone leaves its column', async () => {
  sandbox.control.remove(field)
  const flowId = await flowOf('of_all')
  expect(await runFlow(client, flowId)).toMatchObject({ status: 'succeeded', recordsRead: 40 })
  later()
  define()
  const first = await runFlow(client, flowId)
  expect(first).toMatchObject({ status: 'succeeded', recordsRead: 3 })
  expect(first.notices.map(({ message }) => message)).toEqual([
    '“Seats” is read from now on. Its column is seats.',
  ])
  expect(await inTable('of_all', 'seats')).toEqual(inClose(column))

  later()
  const before = inClose(column)
  sandbox.control.remove(field)
  edit(String(leads()[5]?.['id']), { description: 'Changed' })
  const second = await runFlow(client, flowId)
  expect(second).toMatchObject({ status: 'succeeded', recordsRead: 1 })
  expect(second.notices.map(({ message }) => message)).toEqual([
    '“Seats” is not read any more. What seats has stays there.',
  ])
  expect(await inTable('of_all', 'seats')).toEqual(before)

  // What was emptied meanwhile is empty in the destination too.
  later()
  edit(String(leads()[0]?.['id']), { [column]: null })
  await runFlow(client, flowId)
  later()
  define()
  expect(await runFlow(client, flowId)).toMatchObject({ status: 'succeeded', recordsRead: 40 })
  expect(await inTable('of_all', 'seats')).toEqual(inClose(column))
})

it('a column that is chosen besides others is filled for all records', async () => {
  const flowId = await flowOf('of_some', { columns: ['name'] })
  await runFlow(client, flowId)
  later()
  const streams = streamsOf('of_some', { columns: ['name', column, 'status_id'] })
  await client.flows.update({ params: { id: flowId }, body: { streams } })
  const { items } = await client.flows.streams({ params: { id: flowId } })
  expect(items).toMatchObject([{ stream: 'leads', next: 'everything' }])
  expect(await runFlow(client, flowId)).toMatchObject({ status: 'succeeded', recordsRead: 40 })
  expect(await inTable('of_some', 'seats')).toEqual(inClose(column))
  expect(await inTable('of_some', 'status_id')).toEqual(inClose('status_id'))
})

it('a chosen column that Close has no more is told by its name, and its stream goes on', async () => {
  const flowId = await flowOf('of_chosen', { columns: ['name', column] })
  await runFlow(client, flowId)
  const before = inClose(column)
  const never = await flowOf('of_chosen_later', { columns: ['name', column] })
  later()
  sandbox.control.remove(field)
  const created = sandbox.control.insert({ type: 'lead', record: { name: 'New' } })
  const run = await runFlow(client, flowId)
  expect(run).toMatchObject({ status: 'succeeded', recordsRead: 1, error: null })
  expect(run.notices).toMatchObject([{ code: 'schema_changed', column }])
  expect(run.notices[0]?.message).toBe('“Seats” is not read any more. What seats has stays there.')
  expect(await inTable('of_chosen', 'seats')).toEqual(before.set(String(created['id']), null))
  // The same where no run has ever read it.
  const first = await runFlow(client, never)
  expect(first).toMatchObject({ status: 'succeeded', recordsRead: 41 })
  expect(first.notices).toMatchObject([{ code: 'schema_changed', column }])
  expect(first.notices[0]?.message).toBe(
    `The source has no column ${column}, which this flow has chosen: it is left out. Choose the columns of the stream again.`,
  )
  define()
})

it.each(['mark', 'remove'] as const)(
  'a changed filter leaves what fits it, and deletions %s the rest',
  async (deletions) => {
    const [one, other] = [...new Set(leads().map((lead) => String(lead['status_id'])))]
    const table = `filtered_${deletions}`
    const with_ = (parameters: Record<string, string>) => ({ columns: ['status_id'], deletions, parameters })
    const flowId = await flowOf(table, with_({ status_id: one ?? '' }))
    await runFlow(client, flowId)
    for (const wanted of [[one, other], [other], []]) {
      later()
      const parameters: Record<string, string> = wanted.length === 0 ? {} : { status_id: wanted.join(', ') }
      const streams = streamsOf(table, with_(parameters))
      await client.flows.update({ params: { id: flowId }, body: { streams } })
      expect(await runFlow(client, flowId)).toMatchObject({ status: 'succeeded' })
      const isKept = (lead: Record<string, unknown>) =>
        wanted.length === 0 || wanted.includes(String(lead['status_id']))
      expect(await inTable(table, 'status_id')).toEqual(inClose('status_id', isKept))
    }
  },
)

it.each(['incremental', 'full'] as const)(
  'a much narrower filter leaves what fits it, and one that keeps nothing is asked about: read %s',
  async (mode) => {
    const table = `narrow_${mode}`
    const all = Map.groupBy(leads(), (lead) => String(lead['status_id']))
    const [rarest = ''] = [...all].sort(([, a], [, b]) => a.length - b.length)[0] ?? []
    const with_ = (parameters: Record<string, string>) => ({ mode, columns: ['status_id'], parameters })
    const flowId = await flowOf(table, with_({}))
    await runFlow(client, flowId)
    const filter = async (parameters: Record<string, string>) => {
      later()
      const streams = streamsOf(table, with_(parameters))
      await client.flows.update({ params: { id: flowId }, body: { streams } })
      return runFlow(client, flowId)
    }
    expect(await filter({ status_id: rarest })).toMatchObject({ status: 'succeeded' })
    const left = await inTable(table, 'id')
    expect(left).toEqual(inClose('id', (lead) => lead['status_id'] === rarest))
    expect(left.size).toBeLessThan(leads().length / 2 - 1)
    await filter({})
    expect((await filter({ created_from: '2199-01-01' })).notices).toMatchObject([
      { code: 'deletions_held', count: leads().length },
    ])
    expect(await inTable(table, 'id')).toEqual(inClose('id'))
  },
)
