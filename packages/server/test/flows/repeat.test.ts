import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ApiError, type Client, newId } from '@latchwork/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makePostgresPlace, makeSqlitePlace, type TestPlace } from '../database/database.ts'
import { startWithClose, type WithClose } from '../with-close.ts'
import { closeCredential, endOf, makeFlow, runFlow } from './moving.ts'

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('on %s', (_name, makePlace) => {
  let place: TestPlace
  let started: WithClose
  let client: Client
  let credentialId = ''
  beforeAll(async () => {
    started = await startWithClose({ leads: 5, closeListLagMs: 300, makePlace })
    client = started.person.client
    credentialId = await closeCredential(client, started.sandbox)
    place = await makePostgresPlace()
  })
  afterAll(async () => {
    await started?.stop()
    await place?.remove()
  })

  const leads = () => started.sandbox.control.truth(started.sandbox.organizations[0]?.id ?? '', 'lead')
  const fromFile = (count: number) => {
    const file = `${newId('file')}.jsonl`
    const lines = Array.from({ length: count }, (_, index) =>
      JSON.stringify({ id: '', name: `Again ${index}` }),
    )
    writeFileSync(join(started.server.dataDir, 'files', file), lines.join('\n'))
    return { connector: 'files', credentialId: null, config: { file, format: 'jsonl' } }
  }
  const toLeads = (mode: string, pairs: Record<string, string>) => ({
    connector: 'close',
    credentialId,
    config: {
      object: 'leads',
      mode,
      mapping: JSON.stringify(Object.entries(pairs).map(([from, to]) => ({ from, to }))),
    },
  })
  const problemOf = (call: Promise<unknown>) =>
    call.then(
      () => null,
      (error: unknown) => (error instanceof ApiError ? error.problem : null),
    )

  describe('a flow whose destination creates', () => {
    it('asks before it creates again what it has created, and says how much', async () => {
      const flowId = await makeFlow(client, fromFile(7), toLeads('create', { name: 'name' }))
      const before = leads().length
      expect(await runFlow(client, flowId)).toMatchObject({ status: 'succeeded', recordsWritten: 7 })
      expect(await problemOf(client.flows.run({ params: { id: flowId } }))).toMatchObject({
        status: 409,
        code: 'repeat_creates',
        count: 7,
        detail: 'This creates 7 leads again.',
      })
      expect((await client.runs.list({ query: { flowId } })).total).toBe(1)
      expect(leads().length).toBe(before + 7)
      const run = await client.flows.run({ params: { id: flowId }, body: { again: true } })
      expect(await endOf(client, run.id)).toMatchObject({ status: 'succeeded' })
      expect(leads().length).toBe(before + 14)
    })

    it('asks before it is put on a schedule, when it is made and when it is changed', async () => {
      const flowId = await makeFlow(client, fromFile(1), toLeads('create', { name: 'name' }))
      const params = { id: flowId }
      const refused = {
        code: 'repeat_creates',
        detail: expect.stringContaining('creates a lead for each record'),
      }
      expect(await problemOf(client.flows.update({ params, body: { scheduleMinutes: 60 } }))).toMatchObject(
        refused,
      )
      const agreed = { scheduleMinutes: 60, again: true }
      expect(await client.flows.update({ params, body: agreed })).toMatchObject({ scheduleMinutes: 60 })
      // What stays as it is was agreed to.
      const renamed = { name: newId('flow'), scheduleMinutes: 60 }
      expect(await client.flows.update({ params, body: renamed })).toMatchObject({ name: renamed.name })
      const { source, destination } = await client.flows.get({ params })
      const body = {
        name: newId('flow'),
        sourceId: source.id ?? '',
        destinationId: destination.id ?? '',
        scheduleMinutes: 60,
      }
      expect(await problemOf(client.flows.create({ body }))).toMatchObject(refused)
      expect(await client.flows.create({ body: { ...body, again: true } })).toMatchObject({
        scheduleMinutes: 60,
      })
    })

    it('asks nothing where repeating is safe, nor after a run that failed', async () => {
      const [lead] = leads()
      const file = fromFile(0)
      const line = JSON.stringify({ id: lead?.['id'], name: 'Safe' })
      writeFileSync(join(started.server.dataDir, 'files', file.config.file), line)
      const safe = await makeFlow(client, file, toLeads('update', { id: 'id', name: 'name' }))
      expect([await runFlow(client, safe), await runFlow(client, safe)]).toMatchObject([
        { status: 'succeeded' },
        { status: 'succeeded' },
      ])
      const wrong = await makeFlow(client, fromFile(2), toLeads('create', { id: 'status_id', name: 'name' }))
      started.sandbox.control.addFault({
        target: '/api/v1/lead/',
        method: 'POST',
        kind: 'status',
        status: 401,
        times: 99,
      })
      expect((await runFlow(client, wrong)).status).toBe('failed')
      started.sandbox.control.clearFaults()
      await client.credentials.check({ params: { id: credentialId } })
      expect(await runFlow(client, wrong)).toMatchObject({ status: 'succeeded', recordsWritten: 2 })
    })
  })

  describe('a flow into a table', () => {
    const rows = (lines: readonly string[]) => {
      const file = `${newId('file')}.jsonl`
      writeFileSync(join(started.server.dataDir, 'files', file), lines.join('\n'))
      return { connector: 'files', credentialId: null, config: { file, format: 'jsonl' } }
    }
    const table = async () => {
      const url = new URL(place.settings.databaseUrl?.reveal() ?? '')
      const values = {
        host: url.hostname,
        port: url.port === '' ? '5432' : url.port,
        database: url.pathname.slice(1),
        user: decodeURIComponent(url.username),
        password: decodeURIComponent(url.password) || 'none',
        tls: 'disable',
      }
      const { id } = await client.credentials.create({
        body: { connector: 'postgres', method: 'password', name: newId('flow'), values },
      })
      const name = newId('flow').toLowerCase()
      return { connector: 'postgres', credentialId: id, config: { schema: 'public', table: name } }
    }
    const schedule = (id: string, again?: boolean) =>
      client.flows.update({
        params: { id },
        body: { scheduleMinutes: 60, ...(again === undefined ? {} : { again }) },
      })

    it('asks before rows without a key are added on a schedule, and before they are added again', async () => {
      const flowId = await makeFlow(client, rows(['{"name":"A"}', '{"name":"B"}']), await table())
      const refused = {
        status: 409,
        code: 'repeat_creates',
        detail: expect.stringContaining('creates a row'),
      }
      expect(await problemOf(schedule(flowId))).toMatchObject(refused)
      const { source, destination } = await client.flows.get({ params: { id: flowId } })
      const body = {
        name: newId('flow'),
        sourceId: source.id ?? '',
        destinationId: destination.id ?? '',
        scheduleMinutes: 60,
      }
      expect(await problemOf(client.flows.create({ body }))).toMatchObject(refused)
      expect(await client.flows.create({ body: { ...body, again: true } })).toMatchObject({
        scheduleMinutes: 60,
      })
      expect(await schedule(flowId, true)).toMatchObject({ scheduleMinutes: 60 })
      expect(await runFlow(client, flowId)).toMatchObject({ status: 'succeeded', recordsCreated: 2 })
      expect(await problemOf(client.flows.run({ params: { id: flowId } }))).toMatchObject({
        code: 'repeat_creates',
        detail: 'This creates 2 rows again.',
      })
    })

    it('asks nothing where every record has a key', async () => {
      const keyed = rows(['{"id":"1","name":"A"}', '{"id":"2","name":"B"}'])
      const leads = { connector: 'close', credentialId, config: { object: 'leads' } }
      for (const source of [keyed, leads]) {
        const flowId = await makeFlow(client, source, await table())
        expect(await schedule(flowId)).toMatchObject({ scheduleMinutes: 60 })
      }
    })

    it('asks where the file is not there yet', async () => {
      const file = rows(['{"id":"1"}'])
      const flowId = await makeFlow(client, file, await table())
      rmSync(join(started.server.dataDir, 'files', file.config.file))
      expect(await problemOf(schedule(flowId))).toMatchObject({ code: 'repeat_creates' })
    })
  })
})
