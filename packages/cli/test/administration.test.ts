import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Credential } from '@latchwork/contract'
import { beforeAll, expect, it } from 'vitest'
import type { Shell } from './command.ts'
import { Person } from './person.ts'
import { admin, type Product } from './server.ts'
import { signedInShell, startSignedIn } from './signing-in.ts'

let product: Product
let shell: Shell
let credential: Credential
beforeAll(async () => {
  const made = await startSignedIn()
  ;({ product, shell } = made)
  credential = await make('Larch')
  return made.stop
})

const make = (name: string) => {
  const values = { apiKey: product.sandbox.apiKeys[0]?.key ?? '' }
  const body = { connector: 'close', method: 'api_key', name, values }
  return product.person.client.credentials.create({ body })
}

it('shares a credential with everyone, and stops', async () => {
  const shared = await shell.run(['credential', 'share', 'Larch', '--with', 'everyone', '--role', 'operator'])
  expect(shared.stdout).toMatch(/everyone +operator/)
  const params = { id: credential.id }
  const { items } = await product.person.client.credentialAccess.get({ params })
  expect(items).toContainEqual({ subject: { kind: 'everyone' }, member: null, role: 'operator' })
  expect(
    (await shell.run(['credential', 'share', 'Larch', '--with', 'everyone', '--stop'])).stdout,
  ).not.toContain('everyone')
  expect((await shell.run(['credential', 'share', 'Larch'])).stdout).toMatch(/Administrator +owner/)
})

it('restores a deleted credential, and moves what uses one to another', async () => {
  const made = await make('Deleted')
  expect((await shell.run(['credential', 'delete', 'Deleted', '--yes'])).code).toBe(0)
  expect((await shell.run(['credential', 'deleted'])).stdout).toContain(made.id)
  expect(await shell.run(['credential', 'restore', 'deleted'])).toMatchObject({ code: 0 })
  expect(await shell.json(['credential', 'show', made.id])).toMatchObject({ id: made.id, name: 'Deleted' })
  expect((await shell.run(['credential', 'restore', 'Deleted'])).code).toBe(4)

  const { client } = product.person
  const { items } = await client.connectors.list()
  const config =
    items.find(({ id }) => id === 'close')?.source?.templates.find(({ id }) => id === 'leads')?.config ?? {}
  const body = { connector: 'close', credentialId: made.id, name: 'Leads', config }
  const source = await client.sources.create({ body })
  expect((await shell.run(['credential', 'move', 'Deleted', 'Larch'])).stdout).toContain('1 moved')
  const { credentialId } = await client.sources.get({ params: { id: source.id } })
  expect(credentialId).toBe(credential.id)
})

it('invites a member by a link, and keeps the last administrator', async () => {
  const invited = await shell.run(['member', 'invite', 'robin@hollowoak.example'])
  expect(invited.stdout).toMatch(new RegExp(`^${product.url}/\\S+\\n$`))
  expect((await shell.run(['member', 'list'])).stdout).toContain(admin.email)
  const refused = await shell.run(['member', 'role', admin.email, 'member'])
  expect(refused).toMatchObject({ code: 4 })
  expect(refused.stderr).toContain('(last_admin)')
})

it('invites a member with a role, and removes one whose things another gets', async () => {
  const invited = await shell.run(['member', 'invite', 'linnet@hollowoak.example', '--role', 'admin'])
  const token = new URL(invited.stdout.trim()).searchParams.get('token') ?? ''
  const person = new Person(product.url, readFileSync(product.certificateFile, 'utf8'))
  await person.client.invitations.accept({
    body: { token, name: 'Linnet', password: 'a pass phrase of hers' },
  })
  const { items } = await product.person.client.members.list()
  expect(items.find(({ name }) => name === 'Linnet')).toMatchObject({ role: 'admin' })

  const values = { apiKey: product.sandbox.apiKeys[0]?.key ?? '' }
  const body = { connector: 'close', method: 'api_key', name: 'Of Linnet', values }
  await person.client.credentials.create({ body })
  const remove = ['member', 'remove', 'linnet@hollowoak.example', '--hand-to', admin.email]
  expect(await shell.run(remove)).toMatchObject({ code: 2, stdout: '' })
  expect(await shell.run([...remove, '--yes'])).toMatchObject({ code: 0, stdout: 'Removed Linnet.\n' })
  expect(await shell.json(['credential', 'show', 'Of Linnet'])).toMatchObject({
    owner: { name: 'Administrator' },
  })
})

it('refuses a member what is for administrators, with 4, and says so', async () => {
  const { link } = await product.person.client.invitations.create({
    body: { email: 'kim@hollowoak.example', role: 'member' },
  })
  const token = new URL(link).searchParams.get('token') ?? ''
  const person = new Person(product.url, readFileSync(product.certificateFile, 'utf8'))
  await person.client.invitations.accept({ body: { token, name: 'Kim', password: 'a pass phrase of Kim' } })
  using member = await signedInShell({ ...product, person })
  const out = join(member.home, 'refused')
  for (const args of [
    ['audit', 'list'],
    ['audit', 'verify'],
    ['audit', 'export', '--out', out],
    ['backup', '--out', out, '--recipient', 'age1none'],
    ['keys', 'list'],
    ['member', 'invite', 'other@hollowoak.example'],
  ]) {
    const refused = await member.run(args)
    expect(refused, args.join(' ')).toMatchObject({ code: 4, stdout: '' })
    expect(refused.stderr, args.join(' ')).toContain('(forbidden)')
  }
  expect(existsSync(out)).toBe(false)
  expect(await member.run(['credential', 'list'])).toMatchObject({ code: 0 })
})

it('answers in JSON wherever it lists something', async () => {
  for (const args of [
    ...[
      ['credential', 'list'],
      ['credential', 'usage', 'Larch'],
      ['credential', 'share', 'Larch'],
    ],
    ...[
      ['credential', 'deleted'],
      ['flow', 'list'],
      ['run', 'list'],
      ['token', 'list'],
    ],
    ...[
      ['member', 'list'],
      ['audit', 'list'],
      ['keys', 'list'],
    ],
  ]) {
    const { stdout, stderr, code } = await shell.run([...args, '--json'])
    expect([code, stderr], args.join(' ')).toEqual([0, ''])
    expect(JSON.parse(stdout), args.join(' ')).toMatchObject({ items: expect.any(Array) })
  }
})

it('tells a program of an error in one line of JSON, wherever it comes from', async () => {
  const errorOf = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { stdout, stderr, code } = await shell.run([...args, '--json'], { env })
    expect(stdout).toBe('')
    expect(stderr.trimEnd()).not.toContain('\n')
    return { exit: code, ...JSON.parse(stderr) }
  }
  const message = expect.any(String)
  expect(await errorOf(['keys', 'retire', '0123456789abcdef', '--yes'])).toEqual({
    exit: 4,
    error: { code: 'master_key_not_found', message, status: 404, requestId: expect.any(String) },
  })
  expect(await errorOf(['token', 'create', ' '])).toMatchObject({
    exit: 4,
    error: { code: 'invalid_input', message, errors: [{ field: 'name', message }] },
  })
  expect(await errorOf(['credential', 'show', 'nothing'])).toEqual({
    exit: 4,
    error: { code: 'refused', message: 'There is no credential of this name or id: nothing' },
  })
  expect(await errorOf(['flow', 'list'], { XDG_CONFIG_HOME: '/nowhere' })).toMatchObject({
    exit: 3,
    error: { code: 'not_signed_in', message },
  })
  expect(await errorOf(['flow', 'list', '--server', 'localhost:1'])).toMatchObject({ exit: 3 })
})

it('adds a master key, rotates to it until nothing is left on the old one, and retires that', async () => {
  const before = await product.person.client.keys.list()
  const old = before.items.find(({ state }) => state === 'active')?.id ?? ''
  expect((await shell.run(['keys', 'add'])).code).toBe(0)
  const rotated = await shell.run(['keys', 'rotate', '--wait'])
  expect(rotated, rotated.stderr).toMatchObject({ code: 0 })
  expect(rotated.stdout).toContain(' 0 values left on other keys')
  const retired = await shell.run(['keys', 'retire', old, '--yes'])
  expect(retired, retired.stderr).toMatchObject({ code: 0 })
  const after = await product.person.client.keys.list()
  expect(after.items.find(({ id }) => id === old)).toMatchObject({ state: 'retired', rows: 0 })
  expect((await shell.run(['credential', 'check', 'Larch'])).code).toBe(0)
})
