import { type Flow, flowSchema } from '@latchwork/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Shell } from './command.ts'
import { type Product, startProduct } from './server.ts'
import { signedInShell } from './signing-in.ts'

let product: Product
let shell: Shell
let flow: Flow
beforeAll(async () => {
  product = await startProduct()
  shell = await signedInShell(product)
  flow = await makeFlow()
})
afterAll(async () => {
  shell?.[Symbol.dispose]()
  await product?.[Symbol.asyncDispose]()
})

/** Leads of the sandbox into a file. */
async function makeFlow(): Promise<Flow> {
  const { client } = product.person
  const [apiKey] = product.sandbox.apiKeys
  const credential = await client.credentials.create({
    body: { connector: 'close', method: 'api_key', name: 'Larch', values: { apiKey: apiKey?.key ?? '' } },
  })
  const { items } = await client.connectors.list()
  const configOf = (id: string, end: 'source' | 'destination') =>
    items.find((connector) => connector.id === id)?.[end]?.templates[0]?.config ?? {}
  const source = await client.sources.create({
    body: {
      connector: 'close',
      credentialId: credential.id,
      name: 'Leads',
      config: configOf('close', 'source'),
    },
  })
  const config = { ...configOf('files', 'destination'), file: 'leads.jsonl', name: 'leads.jsonl' }
  const fields = items.find(({ id }) => id === 'files')?.destination?.fields.map(({ name }) => name) ?? []
  const destination = await client.destinations.create({
    body: {
      connector: 'files',
      credentialId: null,
      name: 'A file',
      config: Object.fromEntries(Object.entries(config).filter(([name]) => fields.includes(name))),
    },
  })
  return client.flows.create({
    body: { name: 'Leads into a file', sourceId: source.id, destinationId: destination.id },
  })
}

describe('flows that choose streams', () => {
  it('are made and changed by names, which a source tells', async () => {
    const offered = await shell.run(['source', 'streams', 'leads'])
    expect(offered, offered.stderr).toMatchObject({ code: 0 })
    expect(offered.stdout).toContain('contacts')
    expect((await shell.run(['source', 'list', '--query', 'leads'])).stdout).toContain(flow.source.id)
    const ends = ['--from', 'leads', '--to', 'A file']
    const made = await shell.json([
      'flow',
      'create',
      'Two',
      ...ends,
      '--stream',
      'leads=full',
      '--stream',
      'users',
    ])
    const { id } = flowSchema.parse(made)
    expect(made).toMatchObject({
      streams: {
        everything: false,
        chosen: [
          { stream: 'leads', label: 'Leads', mode: 'full', deletions: 'mark', target: null },
          { stream: 'users', label: 'Users', deletions: 'mark' },
        ],
      },
    })
    const changed = await shell.run(['flow', 'update', id, '--everything', '--deleted', 'leave'])
    expect(changed).toMatchObject({ code: 0, stdout: 'Two: it reads everything.\n' })
    expect(await shell.json(['flow', 'update', 'two', '--by-source'])).toMatchObject({ streams: null })
    await product.person.client.flows.delete({ params: { id } })
  })

  it.each([
    [['--stream', 'dragons'], 4, 'offers no stream "dragons"'],
    [['--stream', 'users=sideways'], 2, 'not "sideways"'],
    [['--stream', 'users', '--everything'], 2, 'Choose either'],
    [[], 2, 'Say what it reads'],
    [['--everything', '--deleted', 'burn'], 2, 'mark, remove, leave'],
  ])('are not made of %j', async (options, code, words) => {
    const refused = await shell.run(['flow', 'update', flow.id, ...options])
    expect(refused).toMatchObject({ code, stdout: '' })
    expect(refused.stderr).toContain(words)
  })
})

describe('flows and runs', () => {
  it('are listed, run, waited for and shown', async () => {
    expect((await shell.run(['flow', 'list'])).stdout).toContain(flow.id)
    const run = await shell.run(['flow', 'run', 'leads into a file', '--wait'])
    expect(run, run.stderr).toMatchObject({ code: 0 })
    expect(run.stdout).toContain('20 written')
    const runs = await product.person.client.runs.list()
    const [ended] = runs.items
    for (const [words, found] of [
      ['into', [flow.id]],
      ['elsewhere', []],
    ] as const) {
      const list = await shell.json(['flow', 'list', '--query', words, '--limit', '1'])
      expect(list, words).toMatchObject({ items: found.map((id) => ({ id })), total: found.length })
    }
    expect(await shell.json(['run', 'show', ended?.id ?? ''])).toEqual({
      ...ended,
      streams: [expect.objectContaining({ stream: 'leads', status: 'succeeded', recordsWritten: 20 })],
    })
    expect(await shell.json(['run', 'list', '--flow', flow.id, '--status', 'succeeded'])).toEqual({
      items: runs.items,
      total: 1,
    })
    const began = ended?.createdAt ?? ''
    const past = new Date(Date.parse(began) - 1).toISOString()
    for (const [options, total] of [
      [['--since', began, '--starter', 'person'], 1],
      [['--until', past], 0],
      [['--starter', 'schedule'], 0],
    ] as const) {
      expect(await shell.json(['run', 'list', '--flow', flow.id, ...options])).toMatchObject({ total })
    }
    const log = await shell.run(['run', 'log', ended?.id ?? ''])
    expect(log.stdout).toMatch(/queued .*\n.*started .*\n.*prepared [\s\S]*20 read, 20 written[\s\S]*ended /)
    const late = await shell.run(['run', 'cancel', ended?.id ?? ''])
    expect(late).toMatchObject({ code: 4 })
    expect(late.stderr).toContain('(run_finished)')
    expect((await shell.run(['credential', 'usage', 'Larch'])).stdout).toContain('Leads')
    const used = await shell.run(['credential', 'delete', 'Larch', '--yes'])
    expect(used).toMatchObject({ code: 4 })
    expect(used.stderr).toMatch(/source Leads \(src_/)
  })

  it('say what is told of them', async () => {
    const watch = async () => (await product.person.client.flows.get({ params: { id: flow.id } })).watch
    const told = await shell.run(['flow', 'alerts', flow.id, '--quiet-hours', '24', '--no-schema-changes'])
    expect(told.stdout).toContain(
      'nothing read: after 24 hours, unusual volume: 2 times, changed columns: no.',
    )
    expect(await watch()).toEqual({ quietHours: 24, volumeTimes: 2, schemaChanges: false })
    await shell.run(['flow', 'alerts', flow.id, '--volume-times', 'never'])
    expect(await watch()).toEqual({ quietHours: 24, volumeTimes: null, schemaChanges: false })
    expect(await shell.run(['flow', 'alerts', flow.id])).toMatchObject({ code: 2 })
  })

  it('that fail make --wait end with 1', async () => {
    const [apiKey] = product.sandbox.apiKeys
    product.sandbox.control.setKeyEnabled(apiKey?.id ?? '', false)
    const run = await shell.run(['flow', 'run', flow.id, '--wait'])
    product.sandbox.control.setKeyEnabled(apiKey?.id ?? '', true)
    expect(run).toMatchObject({ code: 1 })
    expect(run.stdout).toContain('failed')
    expect(await shell.json(['run', 'list', '--limit', '1'])).toMatchObject({
      items: [{ status: 'failed' }],
      total: 2,
    })
  })
})

describe('a credential that is used', () => {
  it('is deleted with --stop-users, and what it stopped is resumed once it may', async () => {
    const asked = await shell.run(['credential', 'delete', 'Larch', '--stop-users'])
    expect(asked).toMatchObject({ code: 2 })
    expect(asked.stderr).toContain('Delete the credential Larch? 2 that use it stop.')
    const deleted = await shell.run(['credential', 'delete', 'Larch', '--stop-users', '--yes'])
    expect(deleted, deleted.stderr).toMatchObject({ code: 0, stdout: 'Deleted Larch.\n' })
    const flowNow = () => product.person.client.flows.get({ params: { id: flow.id } })
    expect(await flowNow()).toMatchObject({ paused: { code: 'access_withdrawn' } })

    const refused = await shell.run(['flow', 'resume', flow.name])
    expect(refused).toMatchObject({ code: 4, stdout: '' })
    expect(refused.stderr).toContain('(access_withdrawn)')
    expect(await flowNow()).toMatchObject({ paused: { code: 'access_withdrawn' } })

    const { items } = await product.person.client.deletedCredentials.list()
    await product.person.client.deletedCredentials.restore({ params: { id: items[0]?.id ?? '' } })
    const resumed = await shell.run(['flow', 'resume', flow.name])
    expect(resumed, resumed.stderr).toMatchObject({ code: 0, stdout: `Resumed ${flow.name}.\n` })
    expect(await shell.json(['flow', 'resume', flow.id])).toMatchObject({ id: flow.id, paused: null })
  })
})

it('#43 makes an API token without an end, unless the terminal has one itself', async () => {
  const create = ['token', 'create', 'forever', '--days', 'never']
  const shortened = await shell.run(create)
  expect(shortened, shortened.stderr).toMatchObject({ code: 0 })
  expect(shortened.stderr).toMatch(/^Made tok_\w+, valid until .*\nIt ends with the token that this terminal/)

  const { secret } = await product.person.client.tokens.create({
    body: { name: 'a job', expiresInDays: null },
  })
  const env = { LATCHWORK_TOKEN_FILE: shell.secretFile(secret) }
  const made = await shell.run(create, { env })
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^lw_\S+\n$/) })
  expect(made.stderr).toMatch(/^Made tok_\w+, valid without an end\.\n$/)
  const { items } = await product.person.client.tokens.list()
  expect(items.filter(({ name }) => name === 'forever').map(({ expiresAt }) => expiresAt)).toContain(null)
  const year = await shell.run(['token', 'create', 'a year', '--days', '365'], { env })
  expect(year.stderr).toMatch(/^Made tok_\w+, valid until [^\n]*\n$/)
  for (const days of ['0', '3651', '1.5', 'Never', '']) {
    const refused = await shell.run(['token', 'create', 'wrong', '--days', days])
    expect(refused, days).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain('from 1 to 3650, or never')
  }
})

it('makes an API token, shown once on standard output, and revokes it', async () => {
  const made = await shell.run(['token', 'create', 'a job', '--days', '7'])
  const secret = made.stdout.trim()
  expect(secret).toMatch(/^lw_\S{40,}$/)
  const { items } = await product.person.client.tokens.list()
  const token = items.find(({ name }) => name === 'a job')
  expect(token?.suffix).toBe(secret.slice(-4))
  expect((await shell.run(['token', 'list'])).stdout).not.toContain(secret)
  expect((await shell.run(['token', 'delete', token?.id ?? '', '--yes'])).code).toBe(0)
  expect((await shell.run(['token', 'delete', token?.id ?? '', '--yes'])).code).toBe(4)
})
