import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, newId } from '@latchwork/contract'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { problem } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { startWithClose, type WithClose } from '../with-close.ts'
import { closeCredential, endOf, makeFlow, runFlow } from './moving.ts'

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('a replay of a record in doubt, on %s', (_name, makePlace) => {
  let started: WithClose
  let client: Client
  let credentialId = ''
  beforeAll(async () => {
    started = await startWithClose({ leads: 3, makePlace, closeListLagMs: 300 })
    client = started.person.client
    credentialId = await closeCredential(client, started.sandbox)
  })
  afterAll(() => started?.stop())
  afterEach(() => started.sandbox.control.clearFaults())

  const leads = (name: string) =>
    started.sandbox.control
      .truth(started.sandbox.organizations[0]?.id ?? '', 'lead')
      .filter((lead) => lead['name'] === name)
  /** As somebody who has the same key does by hand. */
  const byHand = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const key = Buffer.from(`${started.sandbox.apiKeys[0]?.key ?? ''}:`).toString('base64')
    const answer = await fetch(`${started.sandbox.apiUrl}/api/v1/${path}`, {
      method,
      headers: { authorization: `Basic ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    expect(answer.status).toBeLessThan(300)
    return answer.json()
  }
  /** A lead that somebody makes with the same key while the run sends its own, however slow the machine is. */
  const made = async (name: string, description: string): Promise<string> => {
    const lead = await byHand('POST', 'lead/', { name, description })
    const id = lead !== null && typeof lead === 'object' && 'id' in lead ? String(lead.id) : ''
    const date_created = new Date(Date.now() + 60_000).toISOString()
    started.sandbox.control.edit({ type: 'lead', id, changes: { date_created } })
    return id
  }
  const lose = (when: 'before' | 'after', text: string) =>
    started.sandbox.control.addFault({
      ...{ target: '/api/v1/lead/', method: 'POST', kind: 'drop', when, containing: text },
    })
  const importing = (records: readonly Record<string, string>[]) => {
    const file = `${newId('file')}.jsonl`
    const lines = records.map((record) => JSON.stringify(record)).join('\n')
    writeFileSync(join(started.server.dataDir, 'files', file), lines)
    const mapping = JSON.stringify([
      { from: 'name', to: 'name' },
      { from: 'note', to: 'description' },
    ])
    return makeFlow(
      client,
      { connector: 'files', credentialId: null, config: { file, format: 'jsonl' } },
      { connector: 'close', credentialId, config: { object: 'leads', mode: 'create', mapping } },
    )
  }
  const replayOf = async (id: string) =>
    endOf(client, (await client.runs.replay({ params: { id }, body: {} })).id)

  /**
   * A run of two records. The answer to the second is lost, and somebody has made a lead of the same name meanwhile: nobody
   * can tell which of them it is.
   */
  const doubtfulRun = async (name: string, when: 'before' | 'after', strangersNote: string) => {
    const flowId = await importing([
      { name: `${name} known`, note: 'first' },
      { name, note: 'second' },
    ])
    const stranger = await made(name, strangersNote)
    lose(when, '"second"')
    const run = await runFlow(client, flowId)
    expect(run).toMatchObject({ status: 'partial', recordsWritten: 1, inQuarantine: 1 })
    const { items } = await client.runs.quarantine({ params: { id: run.id } })
    expect(items).toMatchObject([{ code: 'record_in_doubt', name }])
    return { run, flowId, stranger }
  }

  it('finds it in Close, and creates nothing', async () => {
    const { run, stranger } = await doubtfulRun('Doubt there', 'after', 'second')
    expect(leads('Doubt there').length).toBe(2)
    // Nobody can tell yet, however often it is asked.
    expect(await replayOf(run.id)).toMatchObject({ recordsWritten: 0, recordsRefused: 1 })
    expect(leads('Doubt there').length).toBe(2)
    await byHand('DELETE', `lead/${stranger}/`)
    expect(await replayOf(run.id)).toMatchObject({ status: 'succeeded', recordsWritten: 1 })
    expect(leads('Doubt there').length).toBe(1)
    expect((await client.runs.get({ params: { id: run.id } })).inQuarantine).toBe(0)
  })

  it('creates it where Close has none', async () => {
    const { run, stranger } = await doubtfulRun('Doubt absent', 'before', 'another')
    await byHand('DELETE', `lead/${stranger}/`)
    expect(leads('Doubt absent')).toEqual([])
    expect(await replayOf(run.id)).toMatchObject({ status: 'succeeded', recordsWritten: 1 })
    expect(leads('Doubt absent').length).toBe(1)
  })

  it('does not take for it what the flow has created, though the run is over', async () => {
    const flowId = await importing([
      { name: 'Doubt twin', note: 'second' },
      { name: 'Doubt twin', note: 'second' },
    ])
    const id = await made('Doubt twin', 'another')
    lose('before', '"second"')
    const run = await runFlow(client, flowId)
    expect(run).toMatchObject({ status: 'partial', recordsWritten: 1, inQuarantine: 1 })
    await byHand('DELETE', `lead/${id}/`)
    expect(await replayOf(run.id)).toMatchObject({ status: 'succeeded', recordsWritten: 1 })
    expect(leads('Doubt twin').length).toBe(2)
  })

  it('creates nothing where a later run has found it', async () => {
    const flowId = await importing([{ name: 'Doubt later', note: 'second' }])
    const id = await made('Doubt later', 'second')
    lose('after', '"second"')
    const run = await runFlow(client, flowId)
    expect(run).toMatchObject({ status: 'failed', recordsWritten: 0, inQuarantine: 1 })
    await byHand('DELETE', `lead/${id}/`)
    expect(await runFlow(client, flowId)).toMatchObject({ status: 'succeeded', recordsWritten: 1 })
    await replayOf(run.id)
    expect(leads('Doubt later').length).toBe(1)
  })

  it('is looked for by its values, and counts as created once somebody has said which it is', async () => {
    const { run, stranger } = await doubtfulRun('Doubt found', 'after', 'second')
    const params = { id: run.id, record: '1' }
    const found = await client.runs.findDoubtful({ params })
    expect(found).toMatchObject({ by: [{ label: 'Name', value: 'Doubt found' }], more: false })
    expect(found.items.map(({ key }) => key).toSorted()).toEqual(
      leads('Doubt found')
        .map((lead) => String(lead['id']))
        .toSorted(),
    )
    expect(found.items[0]).toMatchObject({
      ...{ name: 'Doubt found', taken: false, createdAt: expect.stringContaining('T') },
      record: { name: 'Doubt found', description: 'second' },
    })
    const own = found.items.find(({ key }) => key !== stranger)?.key ?? ''
    expect(await client.runs.decideDoubtful({ params, body: { there: true, key: own } })).toEqual({
      inQuarantine: false,
    })
    expect((await client.runs.get({ params: { id: run.id } })).inQuarantine).toBe(0)
    expect(leads('Doubt found').length).toBe(2)
  })

  it('is not created by a later run either, once somebody has found it', async () => {
    const flowId = await importing([{ name: 'Doubt by hand', note: 'second' }])
    const stranger = await made('Doubt by hand', 'second')
    lose('after', '"second"')
    const run = await runFlow(client, flowId)
    expect(run).toMatchObject({ status: 'failed', recordsWritten: 0, inQuarantine: 1 })
    const params = { id: run.id, record: '1' }
    const { items } = await client.runs.findDoubtful({ params })
    const own = items.find(({ key }) => key !== stranger)?.key ?? ''
    await client.runs.decideDoubtful({ params, body: { there: true, key: own } })
    expect(await runFlow(client, flowId)).toMatchObject({ status: 'succeeded', recordsWritten: 1 })
    expect(leads('Doubt by hand').length).toBe(2)
  })

  it('is sent again once somebody has said that it is not there', async () => {
    const { run } = await doubtfulRun('Doubt missing', 'before', 'another')
    const params = { id: run.id, record: '1' }
    const { items } = await client.runs.findDoubtful({ params })
    expect(items.map(({ record }) => record['description'])).toEqual(['another'])
    expect(await client.runs.decideDoubtful({ params, body: { there: false } })).toEqual({
      inQuarantine: true,
    })
    const refused = await client.runs.getQuarantined({ params })
    expect(refused).toMatchObject({ code: 'record_refused', record: { name: 'Doubt missing' } })
    expect(leads('Doubt missing').length).toBe(1)
    expect(await replayOf(run.id)).toMatchObject({ status: 'succeeded', recordsWritten: 1 })
    expect(leads('Doubt missing').length).toBe(2)
    const late = client.runs.decideDoubtful({ params, body: { there: false } })
    expect((await problem(late)).code).toBe('record_not_found')
  })

  it('is not taken for a record that the flow has made for another of its records', async () => {
    const flowId = await importing([
      { name: 'Doubt taken', note: 'first' },
      { name: 'Doubt taken', note: 'second' },
    ])
    await made('Doubt taken', 'another')
    lose('before', '"second"')
    const run = await runFlow(client, flowId)
    expect(run).toMatchObject({ recordsWritten: 1, inQuarantine: 1 })
    const params = { id: run.id, record: '1' }
    const { items } = await client.runs.findDoubtful({ params })
    const first = items.find(({ record }) => record['description'] === 'first')
    expect(items.map(({ taken }) => taken).toSorted()).toEqual([false, true])
    expect(first).toMatchObject({ taken: true })
    const taking = client.runs.decideDoubtful({ params, body: { there: true, key: first?.key ?? '' } })
    expect((await problem(taking)).code).toBe('record_taken')
    expect((await client.runs.get({ params: { id: run.id } })).inQuarantine).toBe(1)
  })

  it('alone is decided: not one that was refused', async () => {
    const flowId = await importing([
      { name: '', note: 'nameless' },
      { name: 'Doubt none', note: '' },
    ])
    const run = await runFlow(client, flowId)
    expect(run).toMatchObject({ inQuarantine: 1 })
    const params = { id: run.id, record: '1' }
    expect((await problem(client.runs.findDoubtful({ params }))).code).toBe('record_not_in_doubt')
    const deciding = client.runs.decideDoubtful({ params, body: { there: false } })
    expect((await problem(deciding)).code).toBe('record_not_in_doubt')
  })

  it('is not edited: what was sent is what is looked for', async () => {
    const { run } = await doubtfulRun('Doubt edited', 'after', 'second')
    const edit = client.runs.editQuarantined({
      params: { id: run.id, record: '1' },
      body: { values: { name: 'Another name' } },
    })
    expect((await problem(edit)).code).toBe('record_in_doubt')
  })
})
