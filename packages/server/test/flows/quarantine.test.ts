import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, newId, wholeRecordLimit } from '@latchwork/contract'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { problem } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { startWithClose, type WithClose } from '../with-close.ts'
import { closeCredential, endOf, makeFlow, runFlow } from './moving.ts'

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('the quarantine of a run, on %s', (_name, makePlace) => {
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

  const organization = () => started.sandbox.organizations[0]?.id ?? ''
  const named = (prefix: string) =>
    started.sandbox.control
      .truth(organization(), 'lead')
      .map((lead) => String(lead['name']))
      .filter((name) => name.startsWith(prefix))
      .sort()
  const csvFile = (lines: readonly string[]) => {
    const file = `${newId('file')}.csv`
    writeFileSync(join(started.server.dataDir, 'files', file), lines.join('\n'))
    return { connector: 'files', credentialId: null, config: { file, format: 'csv' } }
  }
  const creating = (mapping: Record<string, string>) => ({
    connector: 'close',
    credentialId,
    config: {
      object: 'leads',
      mode: 'create',
      mapping: JSON.stringify(Object.entries(mapping).map(([from, to]) => ({ from, to }))),
    },
  })
  /** A run of a CSV file with leads of which two have a status that is not there and one a wrong id. */
  const refusedRun = async (prefix: string) => {
    const source = csvFile([
      'Company,Status,Notes',
      `${prefix} one,,`,
      `${prefix} two,stat_missing0001,`,
      `${prefix} three,stat_missing0002,"two\nlines"`,
      `${prefix} four,,`,
      `,,`,
    ])
    const destination = creating({ Company: 'name', Status: 'status_id', Notes: 'description' })
    const run = await runFlow(client, await makeFlow(client, source, destination))
    expect(run).toMatchObject({ recordsRead: 5, recordsWritten: 2, recordsRefused: 3, inQuarantine: 3 })
    return run
  }

  it('is grouped by reason, with row, name and what differs left out', async () => {
    const run = await refusedRun('Grouped')
    const { items } = await client.runs.quarantineGroups({ params: { id: run.id } })
    expect(items.map(({ count, whole }) => [count, whole])).toEqual([
      [2, 2],
      [1, 1],
    ])
    expect(items[0]?.message).not.toContain('missing')
    const two = await client.runs.quarantine({ params: { id: run.id }, query: { group: items[0]?.id ?? '' } })
    expect(two.items).toMatchObject([
      { id: '1', row: 3, name: 'Grouped two', whole: true },
      { id: '2', row: 4, name: 'Grouped three', record: { Notes: 'two\nlines' } },
    ])
    expect(two.total).toBe(2)
    const rest = await client.runs.quarantine({
      params: { id: run.id },
      query: { group: items[1]?.id ?? '' },
    })
    expect(rest.items).toMatchObject([{ row: 6, name: null }])
  })

  it('is put right and replayed: what is written leaves it, what is refused again stays with the new reason', async () => {
    const run = await refusedRun('Replayed')
    const edit = (record: string, values: Record<string, unknown>) =>
      client.runs.editQuarantined({ params: { id: run.id, record }, body: { values } })
    expect(await edit('1', { Status: null })).toMatchObject({
      record: { Company: 'Replayed two', Status: null },
    })
    await edit('2', { Status: 'stat_missing0003' })
    expect((await problem(edit('1', { Nowhere: 'x' }))).code).toBe('invalid_input')
    expect((await problem(edit('77', { Status: null }))).code).toBe('record_not_found')

    const replay = await client.runs.replay({ params: { id: run.id }, body: {} })
    expect(replay).toMatchObject({ replayOf: run.id, flowId: run.flowId, recordsExpected: 3 })
    const ended = await endOf(client, replay.id)
    expect(ended).toMatchObject({ recordsRead: 3, recordsWritten: 1, recordsRefused: 2, error: null })
    expect(named('Replayed')).toEqual(['Replayed four', 'Replayed one', 'Replayed two'])
    const left = await client.runs.quarantine({ params: { id: run.id } })
    expect(left.items.map(({ id }) => id)).toEqual(['2', '3'])
    expect(left.items[0]?.record).toMatchObject({ Status: 'stat_missing0003' })
    expect(await client.runs.get({ params: { id: run.id } })).toMatchObject({
      recordsRefused: 3,
      inQuarantine: 2,
      replayable: 2,
    })
    expect((await client.runs.quarantine({ params: { id: replay.id } })).total).toBe(0)
    const log = await client.audit.list({ query: { limit: 50 } })
    expect(log.items.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['run.replay', 'run.quarantine.edit']),
    )
  })

  it('keeps digits and whole values where a record is edited, though lists are cut', async () => {
    const [digits, long] = ['12345678901234567890', 'x'.repeat(30_000)]
    const column = `Question: ${'q'.repeat(300)}`
    const file = `${newId('file')}.jsonl`
    const values = `"Number":${digits},"Nested":{"a":[1.10,${digits}]},"Long":"${long}","${column}":"old"`
    const line = `{"Company":"Digits","Status":"stat_missing0001",${values}}`
    writeFileSync(join(started.server.dataDir, 'files', file), line)
    const source = { connector: 'files', credentialId: null, config: { file, format: 'jsonl' } }
    const destination = creating({ Company: 'name', Status: 'status_id' })
    const run = await runFlow(client, await makeFlow(client, source, destination))
    const params = { id: run.id, record: '1' }
    const listed = (await client.runs.quarantine({ params: { id: run.id } })).items[0]
    expect(String(listed?.record['Long']).length).toBeLessThan(2_000)
    const answer = await started.person.fetch(`${started.server.url}/api/runs/${run.id}/quarantine/1`)
    expect(answer.body).toContain(`{"Company":"Digits","Status":"stat_missing0001",${values}}`)

    const next = `${digits}1`
    const edited = await started.person.fetch(`${started.server.url}/api/runs/${run.id}/quarantine/1`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', 'x-latchwork': '1' },
      body: `{"values":{"Number":${next},"Nested":{"b":${digits}},"${column}":"new"}}`,
    })
    expect(edited.status).toBe(200)
    const after = await started.person.fetch(`${started.server.url}/api/runs/${run.id}/quarantine/1`)
    expect(after.body).toContain(`"Number":${next},"Nested":{"b":${digits}},"Long":"${long}"`)
    expect(after.body).toContain(`"${column}":"new"`)

    const longer = `${long}${'y'.repeat(40_000)}`
    const saved = await client.runs.editQuarantined({ params, body: { values: { Long: longer } } })
    expect(saved.record['Long']).toBe(longer)
    const tooLong = { Long: 'z'.repeat(wholeRecordLimit + 1) }
    expect((await problem(client.runs.editQuarantined({ params, body: { values: tooLong } }))).code).toBe(
      'invalid_input',
    )
    const broken = await started.person.fetch(`${started.server.url}/api/runs/${run.id}/quarantine/1`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', 'x-latchwork': '1' },
      body: '{"values":',
    })
    expect([broken.status, JSON.parse(broken.body).code]).toEqual([400, 'malformed_json'])
  })

  it('is not overwritten by somebody who saw older values', async () => {
    const digits = '12345678901234567890'
    const source = csvFile([`{"Company":"","Seats":${digits}}`, '{"Company":"Fine","Seats":1}'])
    const json = { ...source, config: { file: source.config.file, format: 'jsonl' } }
    const run = await runFlow(client, await makeFlow(client, json, creating({ Company: 'name' })))
    const [item] = (await client.runs.quarantine({ params: { id: run.id } })).items
    const params = { id: run.id, record: item?.id ?? '' }
    const seen = (await client.runs.getQuarantined({ params })).record
    const edit = (values: Record<string, unknown>, was: Record<string, unknown>) =>
      client.runs.editQuarantined({ params, body: { values, was } })
    await edit({ Company: 'Mine' }, { Company: seen['Company'] })
    expect(await problem(edit({ Company: 'Yours' }, { Company: seen['Company'] }))).toMatchObject({
      status: 409,
      code: 'conflict',
      detail: expect.stringContaining('Company'),
    })
    // Another value of it may change, also one with more digits than a browser has.
    await edit({ Seats: 2 }, { Seats: Number(digits) })
    expect((await client.runs.getQuarantined({ params })).record).toEqual({ Company: 'Mine', Seats: 2 })
  })

  it('is replayed without doubling, however a replay ends', async () => {
    const run = await refusedRun('Once')
    for (const record of ['1', '2'])
      await client.runs.editQuarantined({
        params: { id: run.id, record },
        body: { values: { Status: null } },
      })
    // The first is created, and its answer arrives; the second answer says that the key is no good.
    started.sandbox.control.addFault({
      target: '/api/v1/lead/',
      method: 'POST',
      kind: 'status',
      status: 401,
      times: 1000,
      skip: 1,
    })
    const first = await client.runs.replay({ params: { id: run.id }, body: { ids: ['1', '2'] } })
    expect(await endOf(client, first.id)).toMatchObject({ status: 'failed' })
    started.sandbox.control.clearFaults()
    await client.credentials.check({ params: { id: credentialId } })
    const again = await client.runs.replay({ params: { id: run.id }, body: { ids: ['1', '2'] } })
    expect(await endOf(client, again.id)).toMatchObject({ status: 'succeeded', recordsWritten: 2 })
    expect(named('Once')).toEqual(['Once four', 'Once one', 'Once three', 'Once two'])
    expect((await problem(client.runs.replay({ params: { id: run.id }, body: { ids: ['1'] } }))).code).toBe(
      'nothing_to_replay',
    )
  })

  it('is dropped, downloaded, and erased with its run', async () => {
    const run = await refusedRun('=Dropped')
    const csv = await started.person.fetch(`${started.server.url}/api/runs/${run.id}/quarantine.csv`)
    const lines = csv.body.split('\r\n')
    expect(lines[0]).toBe('row,key,code,reason,Company,Status,Notes')
    expect(lines[1]).toMatch(/^3,,record_refused,.*,'=Dropped two,stat_missing0001,$/)
    expect(csv.headers['content-type']).toContain('text/csv')
    const params = { id: run.id }
    expect(await client.runs.dropQuarantined({ params, body: { ids: ['2'] } })).toEqual({ dropped: 1 })
    expect((await client.runs.quarantine({ params })).items.map(({ id }) => id)).toEqual(['1', '3'])
    expect(await client.runs.dropQuarantined({ params, body: {} })).toEqual({ dropped: 2 })
    expect(await client.runs.get({ params })).toMatchObject({ recordsRefused: 3, inQuarantine: 0 })
    await client.runs.delete({ params })
    expect((await problem(client.runs.get({ params }))).code).toBe('run_not_found')
    const { tables } = started.server.app.stores.database
    expect(await tables.selectFrom('runKeys').where('runId', '=', run.id).select('runId').execute()).toEqual(
      [],
    )
  })

  it('#61 keeps records whole up to a limit, and says of the others that they can only be looked at', async () => {
    const long = 'x'.repeat(wholeRecordLimit - 200)
    const source = csvFile([
      'Company,Status,Notes',
      `Fits,stat_missing0001,${long}`,
      `Too long,stat_missing0001,${long}${'y'.repeat(400)}`,
    ])
    const destination = creating({ Company: 'name', Status: 'status_id' })
    const run = await runFlow(client, await makeFlow(client, source, destination))
    expect(run).toMatchObject({ recordsRefused: 2, inQuarantine: 2, replayable: 1 })
    const { items } = await client.runs.quarantine({ params: { id: run.id } })
    expect(items.map(({ name, whole }) => [name, whole])).toEqual([
      ['Fits', true],
      ['Too long', false],
    ])
    const edit = client.runs.editQuarantined({
      params: { id: run.id, record: '2' },
      body: { values: { Status: null } },
    })
    expect((await problem(edit)).code).toBe('record_cut')
    await client.runs.editQuarantined({
      params: { id: run.id, record: '1' },
      body: { values: { Status: null } },
    })
    const replay = await client.runs.replay({ params: { id: run.id }, body: {} })
    expect(await endOf(client, replay.id)).toMatchObject({ recordsRead: 1, recordsWritten: 1 })
  })
})
