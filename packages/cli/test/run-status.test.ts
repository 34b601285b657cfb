import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Shell } from './command.ts'
import type { Product } from './server.ts'
import { startSignedIn } from './signing-in.ts'

let product: Product
let shell: Shell
beforeAll(async () => {
  const made = await startSignedIn()
  ;({ product, shell } = made)
  const [apiKey] = product.sandbox.apiKeys
  await product.person.client.credentials.create({
    body: { connector: 'close', method: 'api_key', name: 'Larch', values: { apiKey: apiKey?.key ?? '' } },
  })
  return made.stop
})

describe('flow run --wait', () => {
  const importing = async (file: string, lines: readonly object[]): Promise<string> => {
    const { client } = product.person
    const text = lines.map((line) => JSON.stringify(line)).join('\n')
    writeFileSync(join(product.dataDir, 'files', file), text)
    const credential = (await client.credentials.list()).items[0]?.id ?? ''
    const mapping = JSON.stringify(['name', 'status_id'].map((field) => ({ from: field, to: field })))
    const source = await client.sources.create({
      body: { connector: 'files', credentialId: null, name: file, config: { file } },
    })
    const destination = await client.destinations.create({
      body: {
        connector: 'close',
        credentialId: credential,
        name: `Leads of ${file}`,
        config: { object: 'leads', mode: 'create', mapping },
      },
    })
    const made = await client.flows.create({
      body: { name: file, sourceId: source.id, destinationId: destination.id },
    })
    return made.id
  }
  const refused = { name: 'Refused', status_id: 'stat_nobody_has' }
  const taken = { name: 'Taken', status_id: '' }

  it.each([
    ['every record', [taken, { ...taken, name: 'Taken too' }], 0, 'succeeded'],
    ['a part of the records', [taken, refused], 7, 'partial'],
    ['none of the records', [refused, refused], 1, 'failed'],
  ] as const)('where %s was written ends with a code of its own', async (_, lines, code, status) => {
    const id = await importing(`${status}.jsonl`, lines)
    const run = await shell.run(['flow', 'run', id, '--wait'])
    expect(run, run.stderr).toMatchObject({ code })
    expect(await shell.json(['run', 'list', '--flow', id, '--status', status])).toMatchObject({
      items: [{ status, recordsRead: 2 }],
      total: 1,
    })
  })
})
