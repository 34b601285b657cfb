import { type Client, type FlowStreams, flowStreamSchema, newId } from '@latchwork/contract'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { problem } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { startRunning } from '../running.ts'
import { endOf, runFlow } from './moving.ts'
import { createOrchardConnector, Orchard } from './orchard.ts'

const orchard = new Orchard()
const side = { connector: 'orchard', credentialId: null, config: {} }
const choice = (stream: string, more: object = {}) =>
  flowStreamSchema.parse({ stream, mode: 'incremental', ...more })
const chosen = (...all: ReturnType<typeof choice>[]): FlowStreams => ({ everything: false, chosen: all })
const both = chosen(choice('trees'), choice('apples'))
const everything: FlowStreams = { everything: true, deletions: 'mark', sameRecords: 'parts' }

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
] as const)('a flow of several streams, on %s', (_name, makePlace) => {
  let client: Client
  let sides = { sourceId: '', destinationId: '' }
  beforeAll(async () => {
    const server = await startRunning(null, { makePlace, connectors: [createOrchardConnector(orchard)] })
    client = (await server.signedIn()).client
    const { id: sourceId } = await client.sources.create({ body: { ...side, name: 'Orchard' } })
    const { id: destinationId } = await client.destinations.create({ body: { ...side, name: 'Baskets' } })
    sides = { sourceId, destinationId }
    return () => server.stop()
  })
  beforeEach(() => orchard.replant())

  const flowOf = async (streams: FlowStreams | null, more: object = {}): Promise<string> =>
    (await client.flows.create({ body: { name: newId('flow'), ...sides, streams, ...more } })).id
  const of = (id: string) => ({ params: { id } })
  const change = (id: string, streams: FlowStreams) => client.flows.update({ ...of(id), body: { streams } })
  const standsOf = async (id: string) =>
    (await client.flows.streams(of(id))).items.map(({ stream, next }) => [stream, next])
  /** What each stream of a run has read. */
  const readBy = async (id: string) => {
    const run = await client.runs.get(of(id))
    return Object.fromEntries(run.streams.map(({ stream, recordsRead }) => [stream, recordsRead]))
  }
  const runAll = async (id: string) => readBy((await runFlow(client, id)).id)

  it.each([
    ['chosen', both],
    ['everything', everything],
  ])('runs some of them: %s', async (_, streams) => {
    const id = await flowOf(streams)
    const started = await client.flows.run({ ...of(id), body: { streams: ['apples'] } })
    expect(started.scope).toEqual({ streams: ['apples'], range: null, gone: false })
    expect(await endOf(client, started.id)).toMatchObject({ status: 'succeeded' })
    expect(await readBy(started.id)).toEqual({ apples: 3 })
    expect(await runAll(id)).toEqual({ trees: 5, apples: 0 })
  })

  it('refuses to run a stream that it does not have, and says what the account does not offer', async () => {
    const run = async (streams: FlowStreams) =>
      client.flows.run({ ...of(await flowOf(streams)), body: { streams: ['pears'] } })
    expect(await problem(run(both))).toMatchObject({ code: 'invalid_input', errors: [{ field: 'streams' }] })
    expect(await endOf(client, (await run(everything)).id)).toMatchObject({
      status: 'failed',
      error: { code: 'stream_unavailable', message: 'The source does not offer pears.' },
    })
  })

  it('forgets one of them, which the next run reads whole, and tells so beforehand', async () => {
    const id = await flowOf(both)
    expect(await standsOf(id)).toEqual([
      ['trees', 'everything'],
      ['apples', 'everything'],
    ])
    await runFlow(client, id)
    const { items } = await client.flows.reset({ ...of(id), body: { streams: ['apples'] } })
    expect(items.map(({ stream, next }) => [stream, next])).toEqual([
      ['trees', 'changes'],
      ['apples', 'everything'],
    ])
    expect(await runAll(id)).toEqual({ trees: 0, apples: 3 })
    expect(await standsOf(id)).toEqual([
      ['trees', 'changes'],
      ['apples', 'changes'],
    ])
  })

  it('is one run at a time: what asks for another is refused', async () => {
    const id = await flowOf(both)
    const { promise, resolve } = Promise.withResolvers<void>()
    orchard.ripe = promise
    const { id: runId } = await client.flows.run(of(id))
    const calls = [
      () => client.flows.run({ ...of(id), body: { streams: ['apples'] } }),
      () => client.flows.reset({ ...of(id), body: { streams: ['apples'] } }),
      () =>
        client.flows.backfill({ ...of(id), body: { stream: 'trees', from: '1970-01-01', to: '1970-01-01' } }),
    ]
    for (const call of calls) expect((await problem(call())).code).toBe('run_active')
    resolve()
    expect(await endOf(client, runId)).toMatchObject({ status: 'succeeded' })
  })

  it('reads some days of one again, and the next run goes on as if it had not', async () => {
    const id = await flowOf(both)
    await runFlow(client, id)
    const dayMs = 86_400_000
    orchard.records['trees']?.push({ id: 'tree-9', height: dayMs * 2 })
    const backfill = (stream: string, from: string, to: string) =>
      client.flows.backfill({ ...of(id), body: { stream, from, to } })
    const run = await endOf(client, (await backfill('trees', '1970-01-01', '1970-01-02')).id)
    expect(run).toMatchObject({
      ...{ status: 'succeeded', recordsRead: 5, recordsDeleted: 0 },
      scope: { streams: ['trees'], range: { from: '1970-01-01', to: '1970-01-02' }, gone: false },
    })
    expect(orchard.selections.at(-1)?.range).toEqual({ fromMs: 0, untilMs: 2 * dayMs })
    expect(await runAll(id)).toEqual({ trees: 1, apples: 0 })
    // What the source can't read by date is refused before anything is read.
    const refused = await endOf(client, (await backfill('apples', '1970-01-01', '1970-01-01')).id)
    expect(refused).toMatchObject({ status: 'failed', error: { code: 'backfill_unsupported' } })
    for (const [from, to, field] of [
      ['1970-02-01', '1970-01-01', 'to'],
      ['1970-02-30', '1970-03-01', 'from'],
    ] as const)
      expect(await problem(backfill('trees', from, to))).toMatchObject({ errors: [{ field }] })
  })

  it('begins anew with what a run of the old choice has left, when the choice changes meanwhile', async () => {
    const id = await flowOf(both)
    const { promise, resolve } = Promise.withResolvers<void>()
    orchard.ripe = promise
    const { id: runId } = await client.flows.run(of(id))
    await expect.poll(async () => (await readBy(runId))['trees'], { timeout: 20_000 }).toBe(2)
    await change(id, chosen(choice('trees', { parameters: { above: '3' } }), choice('apples')))
    resolve()
    await endOf(client, runId)
    expect(await standsOf(id)).toEqual([
      ['trees', 'everything'],
      ['apples', 'changes'],
    ])
    expect(await runAll(id)).toEqual({ trees: 2, apples: 0 })
  })

  it.each([
    ['another parameter', { parameters: { above: '0' } }, 5],
    ['a further column', { columns: ['id', 'height'] }, 5],
    ['another name in the destination', { columns: ['id'], target: 'wood' }, 5],
    ['a column less', { columns: ['id'] }, 0],
    ['deletions that nobody followed', { columns: ['id'], deletions: 'mark' }, 5],
    ['deletions that nobody follows', { columns: ['id'], deletions: 'leave' }, 0],
  ])('reads only what is needed again: %s', async (what, more, trees) => {
    const columns = what === 'a column less' ? [] : ['id']
    const deletions = what === 'deletions that nobody followed' ? 'leave' : 'mark'
    const id = await flowOf(chosen(choice('trees', { columns, deletions }), choice('apples')))
    await runFlow(client, id)
    await change(id, chosen(choice('trees', more), choice('apples')))
    expect(await standsOf(id)).toEqual([
      ['trees', trees === 0 ? 'changes' : 'everything'],
      ['apples', 'changes'],
    ])
    expect(await runAll(id)).toEqual({ trees, apples: 0 })
  })

  it('begins anew where its destination is another place', async () => {
    const id = await flowOf(both)
    await runFlow(client, id)
    const { name } = await client.destinations.get(of(sides.destinationId))
    await client.destinations.update({ ...of(sides.destinationId), body: { name: `${name}, renamed` } })
    expect(await runAll(id)).toEqual({ trees: 0, apples: 0 })
    const other = await client.sources.create({ body: { ...side, name: newId('flow') } })
    const moved = await client.flows.create({
      body: { name: newId('flow'), ...sides, sourceId: other.id, streams: both },
    })
    expect(await runAll(moved.id)).toEqual({ trees: 5, apples: 3 })
  })

  it('compares ids as often as it says', async () => {
    const hourMs = 3_600_000
    const id = await flowOf(both, { compare: 'daily' })
    await runFlow(client, id)
    expect(orchard.selections.map(({ compareAfterMs }) => compareAfterMs)).toEqual([23 * hourMs, 23 * hourMs])
    expect(await client.flows.update({ ...of(id), body: { compare: 'never' } })).toMatchObject({
      compare: 'never',
    })
    await runFlow(client, id)
    expect(orchard.selections.at(-1)?.compareAfterMs).toBeNull()
    expect((await client.flows.get(of(await flowOf(both)))).compare).toBe('weekly')
  })

  it('holds back what would empty a basket until somebody says that it is gone', async () => {
    orchard.compares = true
    const many = Array.from({ length: 40 }, (_, n) => ({ id: `tree-${n + 10}`, height: 1 }))
    orchard.records['trees']?.push(...many)
    const id = await flowOf(chosen(choice('trees', { mode: 'full' }), choice('apples', { mode: 'full' })))
    await runFlow(client, id)
    orchard.records = { ...orchard.records, trees: [] }
    const held = await runFlow(client, id)
    expect(held).toMatchObject({
      ...{ status: 'partial', error: null, recordsDeleted: 0 },
      notices: [{ code: 'deletions_held', column: 'trees', count: 45 }],
    })
    expect(orchard.basket('trees')).toHaveLength(45)
    const attention = async () => (await client.flows.get(of(id))).attention
    expect(await attention()).toMatchObject({
      ...{ kind: 'partial', runId: held.id, inQuarantine: 0 },
      message: 'Deletions of more than half of a stream were held back.',
    })
    const agreed = await client.flows.run({ ...of(id), body: { streams: ['trees'], gone: true } })
    expect(agreed.scope).toEqual({ streams: ['trees'], range: null, gone: true })
    expect(await endOf(client, agreed.id)).toMatchObject({ status: 'succeeded', recordsDeleted: 45 })
    const { streams } = await client.runs.get(of(agreed.id))
    expect(streams).toMatchObject([{ stream: 'trees', status: 'succeeded', recordsDeleted: 45 }])
    expect(orchard.basket('trees')).toEqual([])
    expect(await attention()).toBeNull()
  })
})
