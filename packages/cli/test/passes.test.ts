import type { Pass } from '@latchwork/contract'
import { beforeAll, expect, it } from 'vitest'
import type { Shell } from './command.ts'
import type { Product } from './server.ts'
import { startSignedIn } from './signing-in.ts'

let product: Product
let shell: Shell
beforeAll(async () => {
  const made = await startSignedIn()
  ;({ product, shell } = made)
  const values = { apiKey: product.sandbox.apiKeys[0]?.key ?? '' }
  const body = { connector: 'close', method: 'api_key', name: 'Main', values }
  await product.person.client.credentials.create({ body })
  return made.stop
})

const create = (name: string, ...more: string[]) =>
  shell.run(['pass', 'create', name, '--credential', 'Main', ...more])

it('#43 makes a pass, prints its token once, and says what it may do', async () => {
  const made = await create(
    'Nightly',
    '--may',
    'lead:read',
    '--may',
    'task:read,create',
    '--per-second',
    '2.5',
  )
  expect(made, made.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^lwp_\S+\n$/) })
  expect(made.stderr).toMatch(
    /^Made pass_\w+\. May read leads and tasks; create tasks\. May not change or delete/,
  )
  expect(made.stderr).toMatch(/It expires at \d{4}-/)
  const shown = await shell.run(['pass', 'show', 'nightly'])
  expect(shown.stdout).toContain('2.5 a second')
  expect(shown.stdout).not.toContain(made.stdout.trim())
  const list = await shell.run(['pass', 'list', '--search', 'night'])
  expect(list.stdout).toMatch(/pass_\w+ +Nightly +active/)
})

it('takes a preset, limits of fields, endpoints by hand, and an end', async () => {
  const made = await create(
    ...['Wide', '--preset', 'leads', '--may', 'note:all', '--read-fields', 'lead:display_name,url'],
    ...['--path', 'GET:/me/', '--expires', 'never', '--because', 'a plant'],
    ...['--address', '10.0.0.0/8', '--per-day', '1000'],
  )
  expect(made, made.stderr).toMatchObject({ code: 0 })
  const { stdout } = await shell.run(['pass', 'show', 'Wide', '--json'])
  expect(JSON.parse(stdout)).toMatchObject({
    rules: {
      objects: { lead: ['read'], note: ['read', 'create', 'change', 'delete'] },
      fields: { lead: { read: ['display_name', 'url'] } },
      paths: [{ method: 'GET', path: '/me/' }],
    },
    ...{ expiresAt: null, neverBecause: 'a plant', addresses: ['10.0.0.0/8'], perDay: 1000 },
  })
  const changed = await shell.run(['pass', 'change', 'Wide', '--expires', '2099-01-01', '--per-day', 'never'])
  expect(changed, changed.stderr).toMatchObject({ code: 0 })
  expect(changed.stdout).toContain('2099-01-01')
  expect(changed.stdout).not.toContain('a day')
})

it('#43 limits a pass to a smart view by its name, keeps that, and takes it away', async () => {
  const show = async () => JSON.parse((await shell.run(['pass', 'show', 'Viewed', '--json'])).stdout)
  const key = product.sandbox.apiKeys[0]?.key ?? ''
  const authorization = `Basic ${Buffer.from(`${key}:`).toString('base64')}`
  const query = { type: 'match_all' }
  const saved = await fetch(`${product.sandbox.apiUrl}/api/v1/saved_search/`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Customers', type: 'lead', s_query: { query } }),
  })
  const { id } = JSON.parse(await saved.text())
  const limited = await create('Viewed', '--preset', 'leads', '--smart-view', 'customers')
  expect(limited, limited.stderr).toMatchObject({ code: 0 })
  expect(limited.stderr).toContain('only what the smart view “Customers” shows')
  expect((await show()).rules.smartView).toEqual({ id, name: 'Customers' })
  const change = (...more: string[]) => shell.run(['pass', 'change', 'Viewed', ...more])
  expect(await change('--preset', 'read', '--new-leads')).toMatchObject({ code: 0 })
  expect((await show()).rules).toMatchObject({
    objects: { contact: ['read'] },
    smartView: { id, newLeads: true },
  })
  expect(await change('--no-new-leads', '--confirm-writes')).toMatchObject({ code: 0 })
  expect(await show()).toMatchObject({ rules: { smartView: { id } }, confirmWrites: true })
  expect((await show()).rules.smartView).not.toHaveProperty('newLeads', true)
  expect(await change('--no-confirm-writes')).toMatchObject({ code: 0 })
  expect(await show()).toMatchObject({ confirmWrites: false })
  expect(await change('--smart-view', 'all')).toMatchObject({ code: 0 })
  expect((await show()).rules).not.toHaveProperty('smartView')
  expect(await change('--new-leads')).toMatchObject({ code: 2 })
  const unknown = await change('--smart-view', 'Nobody')
  expect([unknown.code, unknown.stderr]).toEqual([4, expect.stringContaining('There is no smart view')])
})

it('says which word it does not know', async () => {
  for (const [args, words] of [
    [['--may', 'leads:read'], 'There is no object "leads". There are: lead, contact'],
    [['--may', 'lead:write'], 'There is no verb "write"'],
    [['--may', 'lead'], '--may is an object and a list'],
    [['--path', 'lead'], '--path is a method and a path'],
    [['--per-second', '0'], 'a number above 0, or never'],
    [['--preset', 'all'], "'all' is invalid"],
  ] as const) {
    const refused = await create('Wrong', ...args)
    expect(refused, args.join(' ')).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain(words)
  }
  const nothing = await create('Wrong')
  expect(nothing).toMatchObject({ code: 4, stdout: '' })
  expect(nothing.stderr).toContain('may do nothing')
})

it('rotates, revokes and deletes a pass, and lists its calls', async () => {
  const made = await create('Passing', '--preset', 'read')
  const rotated = await shell.run(['pass', 'rotate', 'Passing', '--overlap', '0'])
  expect(rotated).toMatchObject({ code: 0, stdout: expect.stringMatching(/^lwp_\S+\n$/) })
  expect(rotated.stdout).not.toBe(made.stdout)
  expect(rotated.stderr).toContain('does not work any more')
  expect((await shell.run(['pass', 'calls', 'Passing', '--denied'])).stderr).toContain('There are no calls.')
  expect((await shell.run(['pass', 'revoke', 'Passing', '--yes'])).stdout).toMatch(/^Revoked pass_/)
  expect((await shell.run(['pass', 'rotate', 'Passing'])).code).toBe(4)
  expect((await shell.run(['pass', 'delete', 'Passing', '--yes'])).stdout).toMatch(/^Deleted pass_/)
  expect((await shell.run(['pass', 'show', 'Passing'])).code).toBe(4)
})

it('lists the passes of a status', async () => {
  for (const name of ['Stays', 'Goes']) await create(name, '--preset', 'leads')
  await shell.run(['pass', 'revoke', 'Goes', '--yes'])
  const named = async (status: string) => {
    const { stdout } = await shell.run(['pass', 'list', '--status', status, '--json'])
    const items: readonly Pass[] = JSON.parse(stdout).items
    return items.map(({ name }) => name)
  }
  expect(await named('revoked')).toContain('Goes')
  expect(await named('revoked')).not.toContain('Stays')
  expect(await named('active')).toContain('Stays')
  expect(await named('ending')).toEqual([])
  expect(await shell.run(['pass', 'list', '--status', 'gone'])).toMatchObject({ code: 2 })
})

it('says what a pass is for and what it may write, and changes each of that', async () => {
  const made = await create(
    ...[
      'Purpose',
      '--may',
      'lead:read,change',
      '--write-fields',
      'lead:description',
      '--purpose',
      'a report',
    ],
  )
  expect(made, made.stderr).toMatchObject({ code: 0 })
  expect(await shell.json(['pass', 'show', 'Purpose'])).toMatchObject({
    purpose: 'a report',
    rules: { fields: { lead: { write: ['description'] } } },
  })
  const changed = await shell.json([
    ...['pass', 'change', 'Purpose', '--name', 'Another', '--purpose', 'a plant', '--preset', 'read'],
    ...['--may', 'note:create', '--read-fields', 'lead:url', '--write-fields', 'note:note'],
    ...['--path', 'GET:/me/', '--expires', 'never', '--because', 'it waters'],
    ...['--per-second', '1', '--address', '10.0.0.1', '--address', '10.1.0.0/16'],
  ])
  expect(changed).toMatchObject({
    ...{ name: 'Another', purpose: 'a plant', expiresAt: null, neverBecause: 'it waters', perSecond: 1 },
    addresses: ['10.0.0.1', '10.1.0.0/16'],
    rules: {
      objects: { note: expect.arrayContaining(['create']), lead: ['read'] },
      fields: { lead: { read: ['url'] }, note: { write: ['note'] } },
      paths: [{ method: 'GET', path: '/me/' }],
    },
  })
  expect(await shell.json(['pass', 'list', '--search', 'a plant', '--limit', '1'])).toMatchObject({
    ...{ items: [{ name: 'Another' }], total: 1 },
  })
  expect(await shell.json(['pass', 'calls', 'Another', '--limit', '1'])).toMatchObject({ items: [] })
})
