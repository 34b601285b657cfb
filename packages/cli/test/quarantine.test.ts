import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Shell } from './command.ts'
import type { Product } from './server.ts'
import { startSignedIn } from './signing-in.ts'

let product: Product
let shell: Shell
beforeAll(async () => {
  const made = await startSignedIn()
  ;({ product, shell } = made)
  return made.stop
})

/** A flow of a file into new leads. */
async function importing(name: string, file: string, lines: readonly string[]): Promise<void> {
  const { client } = product.person
  writeFileSync(join(product.dataDir, 'files', file), lines.join('\n'))
  const apiKey = product.sandbox.apiKeys[0]?.key ?? ''
  const { id: credentialId } = await client.credentials.create({
    body: { connector: 'close', method: 'api_key', name, values: { apiKey } },
  })
  const mapping = JSON.stringify(['name', 'status_id'].map((field) => ({ from: field, to: field })))
  const format = file.endsWith('.csv') ? 'csv' : 'jsonl'
  const source = await client.sources.create({
    body: { connector: 'files', credentialId: null, name, config: { file, format } },
  })
  const config = { object: 'leads', mode: 'create', mapping }
  const destination = await client.destinations.create({
    body: { connector: 'close', credentialId, name, config },
  })
  await client.flows.create({ body: { name, sourceId: source.id, destinationId: destination.id } })
}

describe('refused records', () => {
  it('are listed, put right, replayed, saved as CSV and dropped; creating again is asked', async () => {
    const { client } = product.person
    const lines = [
      'name,status_id',
      'Kept,',
      'Wrong one,stat_missing0001',
      'Wrong two,stat_missing0002',
      'Wrong three,stat_missing0003',
    ]
    await importing('Refused', 'refused.csv', lines)
    expect(await shell.run(['flow', 'run', 'Refused', '--wait'])).toMatchObject({ code: 7 })
    const id = (await client.runs.list({ query: { limit: 1 } })).items[0]?.id ?? ''

    const asked = await shell.run(['flow', 'run', 'Refused'])
    expect(asked).toMatchObject({ code: 4 })
    expect(asked.stderr).toContain('This creates 1 lead again.')
    const scheduled = await shell.run(['flow', 'schedule', 'Refused', '60'])
    expect(scheduled).toMatchObject({ code: 4 })
    expect(scheduled.stderr).toContain('creates a lead for each record')
    expect(await shell.run(['flow', 'schedule', 'Refused', 'often'])).toMatchObject({ code: 2 })
    const agreed = await shell.run(['flow', 'schedule', 'Refused', '60', '--again'])
    expect(agreed.stdout).toContain('Schedule of Refused: Every hour.')
    const manual = await shell.json(['flow', 'schedule', 'Refused', 'manual'])
    expect(manual).toMatchObject({ schedule: null })
    expect(await shell.json(['run', 'quarantine', 'groups', id])).toMatchObject({
      items: [{ count: 3, whole: 3, code: 'record_refused' }],
    })
    const list = await shell.run(['run', 'quarantine', 'list', id])
    expect(list.stdout).toMatch(/1 +3 +Wrong one/)
    expect(await shell.run(['run', 'quarantine', 'edit', id, '1', '--set', 'status_id='])).toMatchObject({
      code: 0,
    })
    const csv = await shell.run(['run', 'quarantine', 'csv', id])
    expect(csv.stdout.split('\r\n')[2]).toMatch(/^4,,record_refused,.*Wrong two,stat_missing0002$/)
    const replay = await shell.run(['run', 'replay', id, '--record', '1', '--wait'])
    expect(replay, replay.stderr).toMatchObject({ code: 0 })
    expect(replay.stdout).toContain('1 written')
    expect(await shell.json(['run', 'quarantine', 'drop', id, '--record', '2', '--yes'])).toEqual({
      dropped: 1,
    })
    expect(await shell.json(['run', 'show', id])).toMatchObject({ recordsRefused: 3, inQuarantine: 1 })
    expect(await shell.run(['run', 'delete', id, '--yes'])).toMatchObject({ code: 0 })
    expect(await shell.run(['run', 'show', id])).toMatchObject({ code: 4 })
    const again = await shell.run(['flow', 'run', 'Refused', '--again', '--wait'])
    expect(again).toMatchObject({ code: 7 })
  })

  it('are narrowed to a group and to words, in the list, the file, a replay and a drop', async () => {
    const { client } = product.person
    const rows = ['One,stat_missing0001', 'Two,stat_missing0001', ',', `${'x'.repeat(3_000)},`]
    await importing('Grouped', 'grouped.csv', ['name,status_id', 'Kept too,', ...rows])
    await shell.run(['flow', 'run', 'Grouped', '--wait'])
    const id = (await client.runs.list({ query: { limit: 1 } })).items[0]?.id ?? ''
    const { items: groups } = await client.runs.quarantineGroups({ params: { id } })
    const group = groups.find(({ count }) => count === 2)?.id ?? ''
    expect(groups.length).toBeGreaterThan(1)
    const list = (...options: string[]) => shell.json(['run', 'quarantine', 'list', id, ...options])
    expect(await list('--group', group, '--limit', '1')).toMatchObject({ items: [{}], total: 2 })
    expect(await list('--query', 'no such words')).toMatchObject({ items: [], total: 0 })

    const out = join(shell.home, 'refused.csv')
    const csv = ['run', 'quarantine', 'csv', id, '--group', group, '--out', out]
    expect(await shell.run(csv)).toMatchObject({ code: 0, stdout: expect.stringContaining(out) })
    const lines = readFileSync(out, 'utf8').trim().split('\r\n')
    expect(lines.map((line) => line.split(',').slice(-2)[0])).toEqual(['name', 'One', 'Two'])
    expect((await shell.run(csv)).code).not.toBe(0)
    expect(await shell.run([...csv, '--force'])).toMatchObject({ code: 0 })

    const unknown = await shell.run(['run', 'replay', id, '--record', 'x'])
    expect(unknown).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('Ids must be the id of a record'),
    })
    const replay = await shell.run(['run', 'replay', id, '--group', group, '--wait'])
    expect(replay).toMatchObject({ code: 1, stdout: expect.stringContaining('2 refused') })
    const drop = ['run', 'quarantine', 'drop', id, '--group', group, '--yes']
    expect(await shell.json(drop)).toEqual({ dropped: 2 })
  })

  it('keep the digits of numbers and their whole texts where they are edited', async () => {
    const { client } = product.person
    const [digits, long] = ['12345678901234567890', 'x'.repeat(5_000)]
    const line = `{"name":"Exact","status_id":"stat_missing0001","amount":${digits},"nested":{"a":1.10},"long":"${long}"}`
    await importing('Exact', 'exact.jsonl', [line])
    expect(await shell.run(['flow', 'run', 'Exact', '--wait'])).toMatchObject({ code: 1 })
    const id = (await client.runs.list({ query: { limit: 1 } })).items[0]?.id ?? ''
    const shown = await shell.run(['run', 'quarantine', 'show', id, '1'])
    expect(shown.stdout).toContain(`"amount": ${digits},`)
    expect(shown.stdout).toContain(long)
    const values = [`amount=${digits}1`, `nested={"a":1.10,"b":${digits}}`, `long=${long}y`]
    const set = values.flatMap((value) => ['--set', value])
    expect(await shell.run(['run', 'quarantine', 'edit', id, '1', ...set])).toMatchObject({ code: 0 })
    const after = await shell.run(['run', 'quarantine', 'show', id, '1', '--json'])
    const text = after.stdout.replaceAll(/\s/g, '')
    expect(text).toContain(`"amount":${digits}1,"nested":{"a":1.10,"b":${digits}},"long":"${long}y"`)
  })

  it('whose answer was lost are looked for, and a person says whether they are there', async () => {
    const { client } = product.person
    const { control, organizations, apiKeys, apiUrl } = product.sandbox
    const authorization = `Basic ${Buffer.from(`${apiKeys[0]?.key ?? ''}:`).toString('base64')}`
    const headers = { authorization, 'content-type': 'application/json' }
    const answer: unknown = await (await fetch(`${apiUrl}/api/v1/status/lead/`, { headers })).json()
    const status = z.object({ data: z.array(z.object({ id: z.string() })) }).parse(answer).data[1]?.id
    await importing('Doubted', 'doubted.csv', ['name,status_id', 'Doubt one,', `Doubt two,${status}`])
    const leads = (name: string) =>
      control.truth(organizations[0]?.id ?? '', 'lead').filter((lead) => lead['name'] === name)
    // Somebody makes both meanwhile, and one of the two that the run sends arrives: nobody can tell.
    for (const [name, when] of [
      ['Doubt one', 'after'],
      ['Doubt two', 'before'],
    ] as const) {
      const body = JSON.stringify({ name })
      expect((await fetch(`${apiUrl}/api/v1/lead/`, { method: 'POST', headers, body })).ok).toBe(true)
      const date_created = new Date(Date.now() + 60_000).toISOString()
      const [lead] = leads(name)
      control.edit({ type: 'lead', id: String(lead?.['id']), changes: { date_created } })
      control.addFault({ target: '/api/v1/lead/', method: 'POST', kind: 'drop', when, containing: name })
    }
    await shell.run(['flow', 'run', 'Doubted', '--wait'])
    const id = (await client.runs.list({ query: { limit: 1 } })).items[0]?.id ?? ''
    const { items } = await client.runs.quarantine({ params: { id } })
    const recordOf = (name: string) => items.find((item) => item.name === name)?.id ?? ''
    const one = ['run', 'quarantine', 'find', id, recordOf('Doubt one')]
    const found = await shell.run(one)
    expect(found.stdout).toMatch(/lead_\w+ +Doubt one/)
    expect(await shell.json(one)).toMatchObject({ by: [{ label: 'Name', value: 'Doubt one' }], more: false })
    const key = String(leads('Doubt one')[1]?.['id'])
    const decide = (name: string) => ['run', 'quarantine', 'decide', id, recordOf(name)]
    expect(await shell.run(decide('Doubt one'))).toMatchObject({ code: 2 })
    expect(await shell.json([...decide('Doubt one'), '--there', key])).toEqual({ inQuarantine: false })
    const absent = await shell.run([...decide('Doubt two'), '--absent'])
    expect(absent.stdout).toContain(`latchwork run replay ${id} --record ${recordOf('Doubt two')}`)
    expect(await shell.run(['run', 'replay', id, '--wait'])).toMatchObject({ code: 0 })
    expect([leads('Doubt one').length, leads('Doubt two').length]).toEqual([2, 2])
  })
})
