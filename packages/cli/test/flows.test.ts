import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Flow, flowSchema } from '@latchwork/contract'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Shell } from './command.ts'
import type { Product } from './server.ts'
import { startSignedIn } from './signing-in.ts'

let product: Product
let shell: Shell
let flow: Flow
beforeAll(async () => {
  const made = await startSignedIn()
  ;({ product, shell } = made)
  flow = await makeFlow()
  return made.stop
})

/** Leads of the sandbox into a file. */
async function makeFlow(): Promise<Flow> {
  const { client } = product.person
  const [apiKey] = product.sandbox.apiKeys
  const credential = await client.credentials.create({
    body: { connector: 'close', method: 'api_key', name: 'Larch', values: { apiKey: apiKey?.key ?? '' } },
  })
  const { items } = await client.connectors.list()
  const configOf = (id: string, end: 'source' | 'destination', template: string) =>
    items.find((connector) => connector.id === id)?.[end]?.templates.find((each) => each.id === template)
      ?.config ?? {}
  const source = await client.sources.create({
    body: {
      connector: 'close',
      credentialId: credential.id,
      name: 'Leads',
      config: configOf('close', 'source', 'leads'),
    },
  })
  const config = { ...configOf('files', 'destination', 'jsonl'), file: 'leads.jsonl', name: 'leads.jsonl' }
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
      ...['--column', 'leads:name', '--column', 'leads:status_label=status'],
    ])
    const { id } = flowSchema.parse(made)
    expect(made).toMatchObject({
      streams: {
        everything: false,
        chosen: [
          {
            ...{ stream: 'leads', label: 'Leads', mode: 'full', deletions: 'mark', target: null },
            columns: ['name', { name: 'status_label', as: 'status' }],
          },
          { stream: 'users', label: 'Users', deletions: 'mark' },
        ],
      },
    })
    const changed = await shell.run(['flow', 'update', id, '--everything', '--deleted', 'leave'])
    expect(changed).toMatchObject({ code: 0, stdout: 'Two: it reads everything.\n' })
    expect(await shell.json(['flow', 'update', 'two', '--by-source'])).toMatchObject({ streams: null })
    await product.person.client.flows.delete({ params: { id } })
  })

  it('say what is kept of a stream by the names of choices, and have streams by hand from a file', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'latchwork-')), 'notes.json')
    await writeFile(file, JSON.stringify({ path: '/activity/note/', query: { _order_by: '-date_created' } }))
    const of = { stream: 'leads', parameter: 'status_id' }
    const { items } = await product.person.client.sources.options({
      params: { id: flow.source.id ?? '' },
      query: of,
    })
    const [first, second] = items
    const changed = await shell.json([
      ...['flow', 'update', flow.id, '--stream', 'leads', '--by-hand', `jottings=${file}`],
      ...['--set', `leads.status_id=${first?.label.toUpperCase()},${second?.label}`],
      ...['--set', 'leads.created_from=2020-01-01', '--set', 'jottings.page_size=50'],
    ])
    const query = '_order_by=-date_created'
    expect(changed).toMatchObject({
      streams: {
        chosen: [
          {
            parameters: { status_id: `${first?.value},${second?.value}`, created_from: '2020-01-01' },
          },
          { stream: 'by_hand:jottings', parameters: { path: '/activity/note/', query, page_size: '50' } },
        ],
      },
    })
    await shell.json(['flow', 'update', flow.id, '--by-source'])
  })

  it.each([
    [['--stream', 'leads', '--set', 'leads.status_id=Nobody'], 4, 'Status: there is no "Nobody", but '],
    [['--stream', 'leads', '--set', 'leads.keeper=x'], 2, 'leads has the parameters smart_view, '],
    [['--stream', 'leads', '--set', 'users.name=x'], 2, 'of a stream that is chosen'],
    [['--stream', 'dragons'], 4, 'offers no stream "dragons"'],
    [['--stream', 'users=sideways'], 2, 'not "sideways"'],
    [['--stream', 'users', '--everything'], 2, 'Choose either'],
    [['--stream', 'users', '--column', 'leads:name'], 2, 'Say --column as'],
    [['--stream', 'users', '--column', 'users:shoe_size'], 4, 'has no column shoe_size'],
    [[], 2, 'Say what it reads'],
    [['--everything', '--deleted', 'burn'], 2, 'mark, remove, leave'],
  ])('are not made of %j', async (options, code, words) => {
    const refused = await shell.run(['flow', 'update', flow.id, ...options])
    expect(refused).toMatchObject({ code, stdout: '' })
    expect(refused.stderr).toContain(words)
  })
})

describe('the life of a flow', () => {
  it('has copies and other sides, with a warning of what else writes there', async () => {
    const { client } = product.person
    const copied = await shell.run(['flow', 'duplicate', flow.name])
    expect(copied).toMatchObject({ code: 0, stdout: expect.stringContaining(`Copy of ${flow.name}`) })
    expect(copied.stderr).toBe(`Warning: ${flow.name} writes the file leads.jsonl, too.\n`)
    const { id } = flowSchema.parse(await shell.json(['flow', 'duplicate', flow.id, '--name', 'Second']))
    const config = { file: 'elsewhere.jsonl', format: 'jsonl' }
    await client.destinations.create({
      body: { connector: 'files', credentialId: null, name: 'Elsewhere', config },
    })
    expect((await shell.run(['flow', 'run', 'Second', '--wait'])).code).toBe(0)
    const asked = await shell.run(['flow', 'move', 'Second', '--to', 'Elsewhere'])
    expect(asked).toMatchObject({ code: 4, stderr: expect.stringContaining('(rereads_all)') })
    const moved = await shell.run(['flow', 'move', 'Second', '--to', 'Elsewhere', '--reread'])
    expect(moved).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('to Elsewhere') })
    expect((await shell.run(['flow', 'move', 'Second'])).code).toBe(2)
    expect((await shell.run(['flow', 'overlaps', flow.id])).stdout).toContain('the file leads.jsonl')
    expect(await shell.json(['flow', 'list', '--attention'])).toEqual({ items: [], total: 0 })
    const { items } = await client.flows.list({ query: { query: 'Copy' } })
    for (const copy of [id, ...items.map((each) => each.id)])
      await client.flows.delete({ params: { id: copy } })
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
      [['--by', ended?.startedBy?.replace(/ \(.*/, '') ?? ''], 1],
      [['--by', 'Somebody else'], 0],
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

describe('the columns of a flow', () => {
  it('are listed with what they are called, and take the new names', async () => {
    const { id } = flow
    const listed = await shell.run(['flow', 'columns', 'list', id])
    expect(listed, listed.stderr).toMatchObject({ code: 0 })
    expect(listed.stdout).toContain('display_name')
    expect(await shell.run(['flow', 'columns', 'take-names', id])).toMatchObject({ code: 0 })
    const choice = ['flow', 'columns', 'choose', id, 'leads', 'name']
    expect(await shell.run([...choice, 'new_column'])).toMatchObject({
      stderr: expect.stringContaining('its type is the same'),
    })
    expect(await shell.run([...choice, 'both'])).toMatchObject({ code: 2 })
  })
})
