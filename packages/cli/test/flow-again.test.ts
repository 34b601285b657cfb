import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { flowSchema, runSchema } from '@latchwork/contract'
import { beforeAll, expect, it } from 'vitest'
import type { Shell } from './command.ts'
import { keyOf, type Product, startProduct } from './server.ts'
import { signedInShell } from './signing-in.ts'

/* A flow that creates leads asks before it creates them again, and `--again` agrees beforehand. */

let product: Product
let shell: Shell
beforeAll(async () => {
  product = await startProduct()
  shell = await signedInShell(product)
  writeFileSync(join(product.dataDir, 'files', 'new.jsonl'), '{"name":"Twice 1"}\n{"name":"Twice 2"}\n')
  const { credentials, sources, destinations, flows } = product.person.client
  const { id: credentialId } = await credentials.create({
    body: { connector: 'close', method: 'api_key', name: 'Close', values: { apiKey: keyOf(product).key } },
  })
  const { id: sourceId } = await sources.create({
    body: {
      connector: 'files',
      credentialId: null,
      name: 'New',
      config: { file: 'new.jsonl', format: 'jsonl' },
    },
  })
  const mapping = JSON.stringify([{ from: 'name', to: 'name' }])
  const { id: destinationId } = await destinations.create({
    body: {
      connector: 'close',
      credentialId,
      name: 'Leads',
      config: { object: 'leads', mode: 'create', mapping },
    },
  })
  await flows.create({ body: { name: 'Import', sourceId, destinationId } })
  return async () => {
    shell[Symbol.dispose]()
    await product[Symbol.asyncDispose]()
  }
})

const made = () =>
  product.sandbox.control
    .truth(product.sandbox.organizations[0]?.id ?? '', 'lead')
    .filter(({ name }) => String(name).startsWith('Twice ')).length

it('a run makes records again only where somebody agrees', async () => {
  const first = await shell.run(['flow', 'run', 'Import', '--wait'])
  expect(first, first.stderr).toMatchObject({ code: 0 })
  expect(made()).toBe(2)
  const unsaid = await shell.run(['flow', 'run', 'Import', '--wait'])
  expect(unsaid.code).not.toBe(0)
  expect(unsaid.stderr).toContain('This creates 2 leads again.')
  expect(made()).toBe(2)
  const run = runSchema.parse(await shell.json(['flow', 'run', 'Import', '--again', '--wait']))
  expect(run).toMatchObject({ status: 'succeeded', recordsWritten: 2 })
  expect(made()).toBe(4)
})

it('a schedule of such runs is set only where somebody agrees', async () => {
  const unsaid = await shell.run(['flow', 'schedule', 'Import', '60'])
  expect(unsaid.code).not.toBe(0)
  expect(unsaid.stderr).toContain('creates a lead for each record')
  const flow = flowSchema.parse(await shell.json(['flow', 'schedule', 'Import', '60', '--again']))
  expect(flow).toMatchObject({ schedule: { kind: 'every', minutes: 60 } })
})
