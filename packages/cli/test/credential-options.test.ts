import type { Credential } from '@latchwork/contract'
import { beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import type { Shell } from './command.ts'
import { keyOf, type Product } from './server.ts'
import { startSignedIn } from './signing-in.ts'

let product: Product
let shell: Shell
beforeAll(async () => {
  const made = await startSignedIn()
  ;({ product, shell } = made)
  return made.stop
})

const key = (organization?: number) => keyOf(product, organization)
/** One more of the same user in the same organization. */
const anotherKey = () => product.sandbox.control.createKey(key().userId, key().organizationId).key
const add = (name: string, apiKey: string, ...options: string[]) =>
  shell.json(['credential', 'add', '--method', 'api_key', '--name', name, '--secret-stdin', ...options], {
    input: apiKey,
  })
const namesOf = async (...options: string[]) => {
  const { stdout } = await shell.run(['credential', 'list', '--json', ...options])
  const { items }: { items: Credential[] } = JSON.parse(stdout)
  return items.map(({ name }) => name).sort()
}
const credentialOf = (name: string): Promise<Credential> =>
  product.person.client.credentials.list({ query: { query: name } }).then(({ items: [found] }) => {
    if (found === undefined) throw new Error(`there is no ${name}`)
    return found
  })

it('a credential is added with a description and tags, and found by every filter of the list', async () => {
  const about = ['--description', 'For the board', '--tag', 'reports', '--tag', 'monthly']
  const made = await add('Larch', key().key, '--connector', 'close', ...about)
  expect(made).toMatchObject({ description: 'For the board', tags: ['reports', 'monthly'] })
  await add('Rowan', anotherKey())
  expect(await namesOf()).toEqual(['Larch', 'Rowan'])
  for (const [options, names] of [
    [['--query', 'board'], ['Larch']],
    [['--query', 'monthly'], ['Larch']],
    [
      ['--status', 'verified'],
      ['Larch', 'Rowan'],
    ],
    [['--status', 'failed'], []],
    [
      ['--connector', 'close'],
      ['Larch', 'Rowan'],
    ],
    [['--connector', 'postgres'], []],
    [
      ['--method', 'api_key'],
      ['Larch', 'Rowan'],
    ],
    [['--method', 'oauth2'], []],
  ] as const) {
    expect(await namesOf(...options), options.join(' ')).toEqual(names)
  }
  const one = await shell.run(['credential', 'list', '--limit', '1'])
  expect(one.stdout.trimEnd().split('\n')).toHaveLength(2)
  expect(one.stderr).toBe('1 of 2. For more: --limit N\n')
})

it('a secret is replaced and rotated from a file, with a note, and to another account only when told to', async () => {
  const first = anotherKey()
  await add('Alder', first)
  const { id } = await credentialOf('Alder')
  const previous = async () => (await product.person.client.credentials.previous({ params: { id } })).previous
  const rotate = (secret: string, ...options: string[]) => {
    const file = shell.secretFile(`${secret}\n`)
    return shell.run(['credential', 'rotate', 'Alder', '--no-wait', '--secret-file', file, ...options])
  }
  const replacing = ['credential', 'replace', 'Alder', '--secret-file', shell.secretFile(anotherKey())]
  expect(await shell.run(replacing)).toMatchObject({ code: 0 })
  expect(await previous()).toMatchObject({ suffix: first.slice(-4), keyNote: null })
  expect(await rotate(anotherKey(), '--note', 'made in March')).toMatchObject({ code: 0 })
  expect(await rotate(anotherKey())).toMatchObject({ code: 0 })
  expect(await previous()).toMatchObject({ keyNote: 'made in March' })

  const refused = await rotate(key(1).key)
  expect(refused).toMatchObject({ code: 4, stdout: '' })
  expect(refused.stderr).toContain('(identity_changed)')
  expect(await rotate(key(1).key, '--use-other-account')).toMatchObject({ code: 0 })
  const { identity } = await credentialOf('Alder')
  expect(identity?.organizationName).toBe(product.sandbox.organizations[1]?.name)
})

it('what uses a credential moves to one of another account only when told to', async () => {
  await add('Birch', anotherKey())
  await add('Maple', key(1).key)
  const { client } = product.person
  const { items } = await client.connectors.list()
  const config =
    items.find(({ id }) => id === 'close')?.source?.templates.find(({ id }) => id === 'leads')?.config ?? {}
  const { id: credentialId } = await credentialOf('Birch')
  const source = await client.sources.create({
    body: { connector: 'close', credentialId, name: 'Leads', config },
  })
  const move = ['credential', 'move', 'Birch', 'Maple']
  const refused = await shell.run(move)
  expect(refused).toMatchObject({ code: 4, stdout: '' })
  expect(refused.stderr).toContain('(identity_changed)')
  expect(await shell.run([...move, '--use-other-account'])).toMatchObject({
    code: 0,
    stdout: '1 moved to Maple.\n',
  })
  const moved = await client.sources.get({ params: { id: source.id } })
  expect(moved.credentialId).toBe((await credentialOf('Maple')).id)
})

it('what names fields of one account moves to another that lacks them only when told so', async () => {
  await add('Hazel', anotherKey())
  await add('Linden', key(1).key)
  const { client } = product.person
  const [hazel, linden] = [await credentialOf('Hazel'), await credentialOf('Linden')]
  const apiKey = `Basic ${Buffer.from(`${key().key}:`).toString('base64')}`
  const answer = await fetch(`${product.sandbox.apiUrl}/api/v1/custom_field/lead/`, {
    headers: { authorization: apiKey },
  })
  const listed = z.object({ data: z.array(z.object({ id: z.string(), name: z.string() })) })
  const [field] = listed.parse(await answer.json()).data
  const mapping = JSON.stringify([
    { from: 'name', to: 'name' },
    { from: 'seats', to: `custom.${field?.id}` },
  ])
  const destination = await client.destinations.create({
    body: {
      connector: 'close',
      credentialId: hazel.id,
      name: 'New leads',
      config: { object: 'leads', mode: 'create', mapping },
    },
  })
  const usedBy = async () => (await client.destinations.get({ params: { id: destination.id } })).credentialId
  const move = ['credential', 'move', 'Hazel', 'Linden', '--use-other-account']
  const refused = await shell.run(move)
  expect(refused).toMatchObject({ code: 4, stdout: '' })
  for (const text of [
    '(account_lacks)',
    'seats',
    field?.name ?? '?',
    linden.identity?.organizationName ?? '?',
  ])
    expect(refused.stderr).toContain(text)
  expect(await usedBy()).toBe(hazel.id)
  expect(await shell.run([...move, '--lacking'])).toMatchObject({
    code: 0,
    stdout: '1 moved to Linden.\n',
  })
  expect(await usedBy()).toBe(linden.id)
})
