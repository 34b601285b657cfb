import {
  type Client,
  createClient,
  type FlowStreams,
  flowStreamSchema,
  newId,
  type RunListQuery,
} from '@latchwork/contract'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { type Running, startRunning } from '../running.ts'
import { runFlow } from './moving.ts'
import { createOrchardConnector, Orchard } from './orchard.ts'

const orchard = new Orchard()
const side = { connector: 'orchard', credentialId: null, config: {} }
const chosen = (mode: 'full' | 'incremental', ...streams: string[]): FlowStreams => ({
  everything: false,
  chosen: streams.map((stream) => flowStreamSchema.parse({ stream, mode })),
})
const hourMs = 3_600_000

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
] as const)('what is told of a flow whose runs succeed, on %s', (_name, makePlace) => {
  let server: Running
  let client: Client
  let sides = { sourceId: '', destinationId: '' }
  beforeAll(async () => {
    orchard.batchSize = 1000
    server = await startRunning(null, { makePlace, connectors: [createOrchardConnector(orchard)] })
    client = (await server.signedIn()).client
    const { id: sourceId } = await client.sources.create({ body: { ...side, name: 'Orchard' } })
    const { id: destinationId } = await client.destinations.create({ body: { ...side, name: 'Baskets' } })
    sides = { sourceId, destinationId }
    return () => server.stop()
  })
  beforeEach(() => orchard.replant())

  const flowOf = async (streams: FlowStreams): Promise<string> =>
    (await client.flows.create({ body: { name: newId('flow'), ...sides, streams } })).id
  const grow = (kind: 'trees' | 'apples', count: number) => {
    const records = Array.from({ length: count }, (_, at) => ({ id: `${kind}-${at}`, height: at }))
    orchard.records = { ...orchard.records, [kind]: records }
  }
  const runs = async (flowId: string, count: number) => {
    for (let run = 0; run < count; run += 1) {
      expect((await runFlow(client, flowId)).status).toBe('succeeded')
    }
  }
  /** As many earlier runs that read so many records of each stream, with nobody watching. */
  const past = async (flowId: string, count: number, read: Readonly<Record<string, number>>) => {
    const store = server.app.stores.runs
    const streams = Object.keys(read).map((stream) => flowStreamSchema.parse({ stream, mode: 'full' }))
    for (let at = 0; at < count; at += 1) {
      const { id } = await store.insert({ id: newId('run'), flowId, startedBy: null })
      const held = await store.start(id)
      if (held === null) throw new Error('the run did not begin')
      await store.holdStreams(
        held,
        streams.map((stream) => ({ ...stream, skippable: false })),
      )
      for (const [stream, recordsRead] of Object.entries(read)) {
        const counts = { recordsRead, recordsWritten: recordsRead, recordsRefused: 0, recordsCreated: 0 }
        const progress = { ...counts, recordsDeleted: 0, pages: 1, notices: [] }
        await store.saveProgress(held, { ...progress, stream }, progress)
        await store.endStream(held, stream, { status: 'succeeded', output: null }, null, null)
      }
      await store.finish(held, 'succeeded', null, null)
    }
  }
  const told = async (flowId: string) =>
    (await client.alerts.list({ query: {} })).items.filter((alert) => alert.flowId === flowId).reverse()
  const kinds = async (flowId: string) => (await told(flowId)).map(({ kind }) => kind)

  it('a stream that always had records has none, once', async () => {
    const flowId = await flowOf(chosen('full', 'trees', 'apples'))
    await past(flowId, 3, { trees: 5, apples: 3 })
    grow('trees', 0)
    await runs(flowId, 2)
    expect(await told(flowId)).toMatchObject([
      { kind: 'flow_no_data', message: expect.stringMatching(/^trees: no record/), flowId },
    ])
    grow('trees', 5)
    await client.flows.update({ params: { id: flowId }, body: { watch: { quietHours: null } } })
    grow('apples', 0)
    await runs(flowId, 2)
    expect(await told(flowId)).toMatchObject([
      { kind: 'flow_no_data' },
      {
        kind: 'flow_data_again',
        title: expect.stringContaining('reads records again'),
        message: 'trees: 5.',
      },
    ])
  })

  it('a stream is read whole where its mode says so, whatever its parameters are called', async () => {
    const flowId = await flowOf(chosen('incremental', 'trees'))
    const store = server.app.stores.runs
    const { id } = await store.insert({ id: newId('run'), flowId, startedBy: null })
    const held = await store.start(id)
    if (held === null) throw new Error('the run did not begin')
    const parameters = { mode: 'full' }
    const changes = flowStreamSchema.parse({ stream: 'trees', mode: 'incremental', parameters })
    const whole = flowStreamSchema.parse({ stream: 'apples', mode: 'full', parameters: { mode: 'changes' } })
    await store.holdStreams(
      held,
      [changes, whole].map((stream) => ({ ...stream, skippable: false })),
    )
    for (const stream of ['trees', 'apples'])
      await store.endStream(held, stream, { status: 'succeeded', output: null }, null, null)
    await store.finish(held, 'succeeded', null, null)
    const volumes = await store.volumesOf(flowId)
    expect(new Map(volumes.map(({ stream, full }) => [stream, full]))).toEqual(
      new Map([
        ['trees', false],
        ['apples', true],
      ]),
    )
  })

  it('a stream read far from the usual, once, as the flow chooses', async () => {
    const flowId = await flowOf(chosen('full', 'apples'))
    await past(flowId, 5, { apples: 200 })
    grow('apples', 350)
    await runs(flowId, 1)
    expect(await told(flowId)).toEqual([])
    grow('apples', 450)
    await runs(flowId, 2)
    expect(await told(flowId)).toMatchObject([
      { kind: 'flow_unusual', message: 'apples: 450 records, where 200 are usual.' },
    ])
    const { watch } = await client.flows.update({
      params: { id: flowId },
      body: { watch: { volumeTimes: null } },
    })
    expect(watch).toEqual({ quietHours: 72, volumeTimes: null, schemaChanges: true })
    grow('apples', 2)
    await runs(flowId, 1)
    expect(await kinds(flowId)).toEqual(['flow_unusual'])
  })

  it('changes were read none for longer than was chosen, once until there are some', async () => {
    const flowId = await flowOf(chosen('incremental', 'trees', 'apples'))
    const { flows } = server.app.stores
    const lastRead = (hours: number) => flows.update(flowId, { readAt: Date.now() - hours * hourMs })
    await client.flows.update({ params: { id: flowId }, body: { watch: { quietHours: 5 } } })
    await runs(flowId, 1)
    await lastRead(4)
    await runs(flowId, 1)
    expect(await told(flowId)).toEqual([])
    await lastRead(6)
    await runs(flowId, 2)
    expect(await told(flowId)).toMatchObject([
      { kind: 'flow_no_data', message: expect.stringContaining('no change for 6 hours; 5 were chosen') },
    ])
    grow('apples', 4)
    await runs(flowId, 1)
    expect(Date.now() - ((await flows.find(flowId))?.readAt ?? 0)).toBeLessThan(hourMs)
    await lastRead(6)
    await runs(flowId, 1)
    expect(await kinds(flowId)).toEqual(['flow_no_data', 'flow_data_again', 'flow_no_data'])
  })

  it('columns changed, each change once, and no value of a record', async () => {
    const flowId = await flowOf(chosen('full', 'trees'))
    const widened = (column: string) => ({
      ...{ code: 'column_widened' as const, column, count: 1 },
      message: `The column ${column} became text: it was integer, which can't hold “secretive”.`,
    })
    orchard.notices = [widened('height')]
    await runs(flowId, 2)
    orchard.notices = [widened('height'), widened('age')]
    await runs(flowId, 1)
    const alerts = await told(flowId)
    expect(alerts).toMatchObject([
      { kind: 'flow_schema_changed', message: expect.stringMatching(/^The column height of /) },
      { kind: 'flow_schema_changed', message: expect.stringMatching(/^The column age of /) },
    ])
    expect(JSON.stringify(alerts)).not.toContain('secretive')
    await client.alerts.setPreferences({ body: { muted: ['flow_schema_changed'] } })
    expect(await told(flowId)).toEqual([])
    await client.alerts.setPreferences({ body: { muted: [] } })
  })

  it('a run by its stages, and the last runs in numbers', async () => {
    const flowId = await flowOf(chosen('full', 'trees', 'apples'))
    const { id } = await runFlow(client, flowId)
    const { items } = await client.runs.log({ params: { id } })
    expect(items.map(({ stage, stream }) => `${stage} ${stream ?? ''}`.trim()).toSorted()).toEqual([
      ...['ended', 'prepared', 'queued', 'started'],
      ...['stream_begun apples', 'stream_begun trees', 'stream_ended apples', 'stream_ended trees'],
    ])
    expect([items[0]?.stage, items.at(-1)?.stage]).toEqual(['queued', 'ended'])
    expect(items.find(({ stage, stream }) => stage === 'stream_ended' && stream === 'trees')?.message).toBe(
      'trees: done, 5 read, 5 written.',
    )
    const { streams } = await client.runs.get({ params: { id } })
    expect(streams.every(({ begunAt, endedAt }) => begunAt !== null && endedAt !== null)).toBe(true)
    await past(flowId, 2, { trees: 4 })
    const history = await client.flows.history({ params: { id: flowId }, query: { limit: 2 } })
    expect(history.items).toMatchObject([{ recordsRead: 4 }, { recordsRead: 4, status: 'succeeded' }])
    expect(history.items.map((run) => run.id)).not.toContain(id)
  })

  it('a run says who began it: a person, with the API token that was used, or the schedule', async () => {
    const flowId = await flowOf(chosen('full', 'trees'))
    const { secret } = await client.tokens.create({ body: { name: 'nightly' } })
    const program = server.browser()
    const fetch = (url: string, init: Parameters<typeof program.fetch>[1]) => program.fetch(url, init)
    const byToken = createClient({ baseUrl: server.url, token: secret, fetch })
    const begun = [await runFlow(client, flowId), await runFlow(byToken, flowId)]
    expect(begun.map(({ startedBy }) => startedBy)).toEqual([
      'Administrator',
      'Administrator (API token “nightly”)',
    ])
    const found = async (startedBy: string) =>
      (await client.runs.list({ query: { flowId, startedBy } })).items.map(({ id }) => id)
    expect(await found('Administrator')).toEqual(begun.map(({ id }) => id).reverse())
    for (const other of ['Admin', 'administrator', 'nightly', '%', 'Administrator (API token “nightly”) ?'])
      expect(await found(other), other).toEqual([])
    expect(await found('Administrator (API token “nightly”)')).toEqual([begun[1]?.id])
    const { items } = await client.runs.log({ params: { id: begun[1]?.id ?? '' } })
    expect(items[0]?.message).toBe('Asked for by Administrator (API token “nightly”).')
  })

  it('runs are found by status, starter and time', async () => {
    const flowId = await flowOf(chosen('full', 'trees'))
    const other = await flowOf(chosen('full', 'apples'))
    const first = await runFlow(client, flowId)
    await runFlow(client, other)
    orchard.rotten.add('tree-1')
    const second = await runFlow(client, flowId)
    await client.flows.update({ params: { id: flowId }, body: { schedule: { kind: 'every', minutes: 5 } } })
    await server.app.stores.flows.update(flowId, { nextRunAt: Date.now() - 1000 })
    await server.app.tick(new AbortController().signal)
    const found = async (query: Partial<RunListQuery>) =>
      (await client.runs.list({ query: { flowId, ...query } })).items.map(({ id }) => id)
    const [third] = await found({ starter: 'schedule' })
    expect(await found({})).toEqual([third, second.id, first.id])
    expect(await found({ starter: 'person' })).toEqual([second.id, first.id])
    expect(await found({ status: 'partial', starter: 'person' })).toEqual([second.id])
    expect(await found({ from: second.createdAt, starter: 'person' })).toEqual([second.id])
    expect(await found({ to: first.createdAt })).toEqual([first.id])
    expect(await found({ from: second.createdAt, to: first.createdAt })).toEqual([])
  })
})
