import { type Client, type FlowStreams, flowStreamSchema, LatchworkError, newId } from '@latchwork/contract'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { problem } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { type Running, startRunning } from '../running.ts'
import { endOf, runFlow } from './moving.ts'
import { createOrchardConnector, Orchard } from './orchard.ts'

const orchard = new Orchard()
const side = { connector: 'orchard', credentialId: null, config: {} }
/** As a flow has it that chooses a stream and says no more. */
const choice = (stream: string, more: object = {}) => flowStreamSchema.parse({ stream, ...more })
const chosen = (...all: ReturnType<typeof choice>[]): FlowStreams => ({ everything: false, chosen: all })
const everything: FlowStreams = { everything: true, deletions: 'mark', sameRecords: 'parts' }
/** Streams go side by side, in any order. */
const byStream = <T extends { readonly stream: string }>(all: readonly T[]): T[] =>
  all.toSorted((a, b) => a.stream.localeCompare(b.stream))
const keyed = {
  trees: [1, 2, 3, 4, 5].map((id) => `tree-${id}`),
  apples: [1, 2, 3].map((id) => `apple-${id}`),
}

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
] as const)('a flow that chooses streams, on %s', (_name, makePlace) => {
  let server: Running
  let client: Client
  let sides = { sourceId: '', destinationId: '' }
  beforeAll(async () => {
    server = await startRunning(null, {
      makePlace,
      connectors: [createOrchardConnector(orchard)],
      waits: { longestMs: 0, firstPauseMs: 1, longestPauseMs: 1, retries: 3, firstRetryMs: 1 },
    })
    client = (await server.signedIn()).client
    const { id: sourceId } = await client.sources.create({ body: { ...side, name: 'Orchard' } })
    const { id: destinationId } = await client.destinations.create({ body: { ...side, name: 'Baskets' } })
    sides = { sourceId, destinationId }
    return () => server.stop()
  })
  beforeEach(() => orchard.replant())

  const flowOf = async (streams: FlowStreams | null): Promise<string> =>
    (await client.flows.create({ body: { name: newId('flow'), ...sides, streams } })).id
  const streamsOf = async (id: string) => (await client.runs.get({ params: { id } })).streams

  it('takes everything that the source offers, each under its own name', async () => {
    const flowId = await flowOf(everything)
    const run = await runFlow(client, flowId)
    expect(run).toMatchObject({ status: 'succeeded', recordsRead: 8, recordsWritten: 8, recordsExpected: 8 })
    expect([orchard.basket('trees'), orchard.basket('apples')]).toEqual([keyed.trees, keyed.apples])
    expect(orchard.plans.map(({ deletions }) => deletions)).toEqual(['mark', 'mark'])
    const counts = { recordsRefused: 0, recordsDeleted: 0, error: null, status: 'succeeded' }
    expect(await streamsOf(run.id)).toMatchObject([
      { stream: 'trees', label: 'Trees', recordsRead: 5, recordsWritten: 5, recordsExpected: 5, ...counts },
      { stream: 'apples', label: 'Apples', recordsRead: 3, recordsWritten: 3, recordsExpected: 3, ...counts },
    ])
  })

  it('reads what was chosen by name, as it was chosen', async () => {
    const flowId = await flowOf(
      chosen(
        choice('trees', { target: 'tall_trees', parameters: { above: '3' }, deletions: 'remove' }),
        choice('apples', { mode: 'incremental', columns: ['id'], label: 'Our apples' }),
      ),
    )
    // When a flow is saved, the columns that it names are looked for.
    orchard.selections.length = 0
    expect(await runFlow(client, flowId)).toMatchObject({ status: 'succeeded', recordsWritten: 5 })
    expect([orchard.basket('tall_trees'), orchard.basket('apples')]).toEqual([
      ['tree-4', 'tree-5'],
      keyed.apples,
    ])
    expect(byStream(orchard.selections)).toMatchObject([
      { stream: 'apples', mode: 'incremental', columns: ['id'], parameters: {} },
      { stream: 'trees', mode: 'full', columns: [], parameters: { above: '3' } },
    ])
    expect(byStream(orchard.plans)).toMatchObject([
      { target: 'apples', deletions: 'mark' },
      { target: 'tall_trees', deletions: 'remove' },
    ])
    const { lastRun, streams } = await client.flows.get({ params: { id: flowId } })
    expect((await streamsOf(lastRun?.id ?? '')).map(({ label }) => label)).toEqual(['trees', 'Our apples'])
    expect(streams).toMatchObject({ everything: false, chosen: [{ target: 'tall_trees' }, { target: null }] })
  })

  it('leaves the name of its only stream to the destination', async () => {
    await runFlow(client, await flowOf(chosen(choice('apples'))))
    expect(orchard.basket('the basket of the form')).toEqual(keyed.apples)
  })

  it('is partial where one fails, says which and why, and a retry moves only that one', async () => {
    const away = new LatchworkError('unreachable', { message: 'The ladder is away.' })
    orchard.faults.set('apples', away)
    const flowId = await flowOf(everything)
    const run = await runFlow(client, flowId)
    expect(run).toMatchObject({
      ...{ status: 'partial', recordsWritten: 5 },
      error: { code: 'streams_failed', message: '1 of 2 streams failed. Apples: The ladder is away.' },
    })
    expect(run.retryAt).not.toBeNull()
    expect(await streamsOf(run.id)).toMatchObject([
      { stream: 'trees', status: 'succeeded', error: null },
      { stream: 'apples', status: 'failed', error: { code: 'unreachable', message: 'The ladder is away.' } },
    ])

    orchard.faults.clear()
    orchard.selections.length = 0
    // What is offered meanwhile is left to the next run.
    orchard.offered = ['apples']
    await expect
      .poll(
        async () => {
          await server.app.tick(new AbortController().signal)
          return (await client.runs.get({ params: { id: run.id } })).status
        },
        { timeout: 20_000 },
      )
      .toBe('succeeded')
    expect(orchard.selections.map(({ stream }) => stream)).toEqual(['apples'])
    expect(await streamsOf(run.id)).toMatchObject([
      { stream: 'trees', status: 'succeeded', recordsWritten: 5 },
      { stream: 'apples', status: 'succeeded', recordsWritten: 3, error: null },
    ])
    expect((await endOf(client, run.id)).error).toBeNull()
  })

  it('passes over what the account may not read, unless it was chosen by name', async () => {
    const message = 'The plan of this orchard has no apples.'
    orchard.faults.set('apples', new LatchworkError('stream_unavailable', { message }))
    const all = await runFlow(client, await flowOf(everything))
    expect(all).toMatchObject({ status: 'succeeded', recordsWritten: 5, error: null })
    expect(await streamsOf(all.id)).toMatchObject([
      { stream: 'trees', status: 'succeeded' },
      { stream: 'apples', status: 'skipped', error: { code: 'stream_unavailable', message } },
    ])
    const named = await runFlow(client, await flowOf(chosen(choice('trees'), choice('apples'))))
    expect(named).toMatchObject({ status: 'partial', error: { code: 'streams_failed' } })
    expect(await streamsOf(named.id)).toMatchObject([{ status: 'succeeded' }, { status: 'failed' }])
  })

  it('tells of what it read before and is not offered any more, as long as it is so', async () => {
    const flowId = await flowOf(everything)
    await runFlow(client, flowId)
    orchard.offered = ['trees']
    const message = 'The apples were felled.'
    orchard.faults.set('apples', new LatchworkError('stream_unavailable', { message }))
    for (const _ of [1, 2]) {
      const run = await runFlow(client, flowId)
      expect(run).toMatchObject({ status: 'succeeded', error: null })
      expect(await streamsOf(run.id)).toMatchObject([
        { stream: 'trees', status: 'succeeded' },
        { stream: 'apples', label: 'Apples', status: 'skipped', error: { message } },
      ])
    }
    orchard.offered = ['trees', 'apples']
    orchard.faults.clear()
    expect(await streamsOf((await runFlow(client, flowId)).id)).toMatchObject([
      { stream: 'trees', status: 'succeeded' },
      { stream: 'apples', status: 'succeeded' },
    ])
  })

  it('tells what each source expects, however many streams come after it', async () => {
    orchard.offered = ['trees', 'apples', 'pears', 'plums', 'figs']
    const message = 'The plan of this orchard has no fruit.'
    for (const kind of orchard.offered.slice(1))
      orchard.faults.set(kind, new LatchworkError('stream_unavailable', { message }))
    const { promise, resolve } = Promise.withResolvers<void>()
    orchard.ripe = promise
    const flowId = await flowOf(everything)
    const { id } = await client.flows.run({ params: { id: flowId } })
    await expect.poll(() => orchard.selections.length, { timeout: 20_000 }).toBe(5)
    await expect.poll(async () => (await streamsOf(id))[0]?.recordsRead).toBe(2)
    expect((await streamsOf(id))[0]).toMatchObject({ stream: 'trees', status: 'running', recordsExpected: 5 })
    resolve()
    await endOf(client, id)
    expect((await streamsOf(id))[0]).toMatchObject({ recordsExpected: 5, recordsRead: 5 })
    const shown = await client.runs.records({ params: { id } })
    expect(shown.records.map((record) => record['id'])).toEqual(keyed.trees)
  })

  it('goes on where the last run ended, and begins anew what is read in another way', async () => {
    const flowId = await flowOf(everything)
    await runFlow(client, flowId)
    const add = () => {
      for (const kind of ['trees', 'apples'] as const)
        orchard.records[kind]?.push({ id: newId('run'), height: 9 })
    }
    add()
    expect(await runFlow(client, flowId)).toMatchObject({ recordsRead: 2 })
    const change = (streams: FlowStreams) =>
      client.flows.update({ params: { id: flowId }, body: { streams } })
    await change(
      chosen(
        choice('trees', { mode: 'incremental', parameters: { above: '4' } }),
        choice('apples', { mode: 'incremental' }),
      ),
    )
    add()
    const run = await runFlow(client, flowId)
    // Of the trees, all that are tall; of the apples, the new one.
    expect(await streamsOf(run.id)).toMatchObject([
      { stream: 'trees', recordsRead: 3 },
      { stream: 'apples', recordsRead: 1 },
    ])
    await change(everything)
    expect(
      (await streamsOf((await runFlow(client, flowId)).id)).map(({ recordsRead }) => recordsRead),
    ).toEqual([7, 0])
  })

  it('keeps what was refused of each stream, and replays it into the place of its stream', async () => {
    for (const key of ['tree-2', 'apple-1', 'apple-3']) orchard.rotten.add(key)
    const { id } = await runFlow(client, await flowOf(everything))
    const params = { id }
    const { items } = await client.runs.quarantine({ params })
    expect(byStream(items.map(({ stream, key }) => ({ stream: String(stream), key })))).toEqual([
      { stream: 'apples', key: 'apple-1' },
      { stream: 'apples', key: 'apple-3' },
      { stream: 'trees', key: 'tree-2' },
    ])
    const columns = async (stream?: string) =>
      (await client.runs.records({ params, query: { stream } })).columns.map(({ name }) => name)
    expect([await columns(), await columns('trees'), await columns('apples')]).toEqual([
      ['id', 'height'],
      ['id', 'height'],
      ['id', 'weight'],
    ])
    expect(await client.runs.records({ params, query: { stream: 'apples' } })).toMatchObject({ total: 3 })
    const [apple] = items.filter(({ key }) => key === 'apple-1')
    const edit = (values: object) =>
      client.runs.editQuarantined({
        params: { id, record: apple?.id ?? '' },
        body: { values: { ...values } },
      })
    expect((await problem(edit({ girth: 1 }))).code).toBe('invalid_input')
    await edit({ weight: 7 })
    const csv = await (await server.signedIn()).fetch(`${server.url}/api/runs/${id}/quarantine.csv`)
    expect(csv.body.split('\r\n')[0]).toContain('stream,row,key,code,reason,')
    expect(csv.body).toContain('apples,,apple-1,record_refused,It is rotten.')

    orchard.rotten.delete('apple-1')
    orchard.rotten.delete('tree-2')
    orchard.plans.length = 0
    const replay = await endOf(client, (await client.runs.replay({ params, body: {} })).id)
    expect(replay).toMatchObject({ status: 'partial', recordsRead: 3, recordsWritten: 2, recordsRefused: 1 })
    expect([orchard.basket('trees'), orchard.basket('apples')]).toEqual([keyed.trees, ['apple-1', 'apple-2']])
    expect(orchard.baskets.get('apples')?.get('apple-1')).toMatchObject({ weight: 7 })
    expect([...orchard.baskets.keys()].sort()).toEqual(['apples', 'trees'])
    // A replay reads a part: nothing is missing from it.
    expect(orchard.plans.map(({ deletions }) => deletions)).toEqual(['leave', 'leave'])
    expect((await client.runs.quarantine({ params })).items.map(({ key }) => key)).toEqual(['apple-3'])
  })

  it('is refused without a choice where the form of its source makes none', async () => {
    expect(await problem(flowOf(null))).toMatchObject({
      code: 'streams_not_chosen',
      errors: [{ field: 'streams', rule: 'required' }],
    })
    const flowId = await flowOf(everything)
    const change = client.flows.update({ params: { id: flowId }, body: { streams: null } })
    expect((await problem(change)).code).toBe('streams_not_chosen')
  })

  it.each([
    [[choice('trees'), choice('trees')], 'streams.chosen.1.stream', 'Stream is chosen twice.'],
    [
      [choice('trees', { target: 'Apples' }), choice('apples')],
      'streams.chosen.1.target',
      'Target is what another stream is called, too.',
    ],
    [[], 'streams.chosen', 'Chosen needs at least one stream.'],
    [
      [choice('trees', { mode: 'full' }), { ...choice('x'), stream: '' }],
      'streams.chosen.1.stream',
      'Stream is required.',
    ],
  ])('is refused where it can not be kept: %#', async (all, field, message) => {
    expect(await problem(flowOf({ everything: false, chosen: all }))).toMatchObject({
      code: 'invalid_input',
      errors: [{ field, message }],
    })
  })

  it('is changed by nobody who saw another choice', async () => {
    const flowId = await flowOf(everything)
    const change = client.flows.update({
      params: { id: flowId },
      body: { streams: chosen(choice('trees')), was: { streams: chosen(choice('apples')) } },
    })
    expect(await problem(change)).toMatchObject({ code: 'conflict' })
  })
})
