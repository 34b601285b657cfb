import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Shell } from './command.ts'
import { type Product, startProduct } from './server.ts'
import { signedInShell } from './signing-in.ts'

let product: Product
let shell: Shell
beforeAll(async () => {
  product = await startProduct()
  shell = await signedInShell(product)
})
afterAll(async () => {
  shell?.[Symbol.dispose]()
  await product?.[Symbol.asyncDispose]()
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
})
