import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Decrypter, generateIdentity, identityToRecipient } from 'age-encryption'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresPlace, sqlitePlace } from '../../../tools/test-databases/place.ts'
import type { Shell } from './command.ts'
import { startRelay } from './relay.ts'
import { type Product, runOnServer, startProduct } from './server.ts'
import { signedInShell, startSignedIn } from './signing-in.ts'

let sandbox: Sandbox
let identity: string
let recipient: string
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 5 })
  identity = await generateIdentity()
  recipient = await identityToRecipient(identity)
})
afterAll(() => sandbox?.close())

const addCredential = (shell: Shell) =>
  shell.json(['credential', 'add', '--method', 'api_key', '--name', 'Nordwind', '--secret-stdin'], {
    input: sandbox.apiKeys[0]?.key ?? '',
  })

/** The same shell, of a server that has moved. */
function follow(shell: Shell, { url, certificateFile }: Pick<Product, 'url' | 'certificateFile'>): void {
  const [, token = null] = /"token": ?"([^"]+)"/.exec(shell.config()) ?? []
  const certificate = readFileSync(certificateFile, 'utf8')
  shell.configure({ current: url, servers: { [url]: { certificate, token, tokenId: null } } })
}

describe('#39 the drill: backup of a running server, destruction, restore into nothing, use of a credential', () => {
  it.each([
    ['SQLite', sqlitePlace],
    ['PostgreSQL', postgresPlace],
  ])('on %s', { timeout: 180_000 }, async (_name, makePlace) => {
    const before = await makePlace()
    const product = await startProduct(before, sandbox)
    using shell = await signedInShell(product)
    await addCredential(shell)
    const file = join(shell.home, 'latchwork.age')
    expect(await shell.run(['backup', '--out', file, '--recipient', recipient])).toMatchObject({ code: 0 })
    const key = join(shell.home, 'master.key')
    copyFileSync(join(before.dataDir, 'master.key'), key)
    const fingerprint = (await product.person.client.settings.get()).masterKeyFingerprint
    await product[Symbol.asyncDispose]()
    await before.remove()

    const after = await makePlace('none')
    try {
      writeFileSync(join(shell.home, 'identity'), identity, { mode: 0o600 })
      const asked = await shell.run([
        'restore',
        '--in',
        file,
        '--identity-file',
        join(shell.home, 'identity'),
      ])
      expect(asked).toMatchObject({ code: 4 })
      const args = /latchwork-server (restore .*)/.exec(asked.stdout)?.[1]?.split(' ') ?? []
      const keyless = await runOnServer(after, args)
      expect(keyless).toMatchObject({ code: 1, stdout: '' })
      expect(keyless.stderr).toContain('(master_key_missing)')
      expect(keyless.stderr).toContain(fingerprint)
      copyFileSync(key, join(after.dataDir, 'master.key'))
      expect(await runOnServer(after, args)).toMatchObject({ code: 0, stderr: '' })

      await using again = await startProduct(after, sandbox)
      follow(shell, again)
      const checked = await shell.run(['credential', 'check', 'Nordwind'])
      expect(checked, checked.stderr).toMatchObject({ code: 0 })
      expect(checked.stdout).toContain('verified')
      const log = await shell.run(['audit', 'verify'])
      expect(log, log.stderr).toMatchObject({ code: 0 })
    } finally {
      await after.remove()
    }
  })
})

/** So much that the answer of a backup comes in several pieces. */
async function fill({ person, sandbox: { apiKeys } }: Product): Promise<void> {
  const values = { apiKey: apiKeys[0]?.key ?? '' }
  const { credentials } = person.client
  const { id } = await credentials.create({
    body: { connector: 'close', method: 'api_key', name: 'Larch', values },
  })
  for (let round = 0; round < 80; round += 1) {
    await credentials.update({ params: { id }, body: { description: `${round} `.repeat(400) } })
  }
}

describe('latchwork backup', () => {
  /** Behind the first piece of the answer. */
  const cutAt = 90_000
  let product: Product
  let shell: Shell
  beforeAll(async () => {
    const made = await startSignedIn()
    ;({ product, shell } = made)
    await fill(product)
    return made.stop
  })

  const plaintextOf = (path: string): Promise<string> => {
    const decrypter = new Decrypter()
    decrypter.addIdentity(identity)
    return decrypter.decrypt(readFileSync(path), 'text')
  }
  const isBackup = expect.stringMatching(/^\{"format":"latchwork-backup".*"end":true,"rows":\d+\}\n$/s)

  it('writes a whole file for its user alone, says how large it is, and goes into the audit log', async () => {
    const out = join(shell.home, 'one.age')
    const made = await shell.json(['backup', '--out', out, '--recipient', recipient])
    const { size, mode } = statSync(out)
    expect(made).toEqual({ file: out, bytes: size, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(mode & 0o777).toBe(0o600)
    expect(await plaintextOf(out)).toEqual(isBackup)
    const { items } = await product.person.client.audit.list({ query: { action: 'backup.' } })
    expect(items[0]).toMatchObject({ action: 'backup.create', after: { recipients: [recipient] } })
  })

  it('replaces no file unless it is told to', async () => {
    const out = join(shell.home, 'kept.age')
    writeFileSync(out, 'something else')
    const args = ['backup', '--out', out, '--recipient', recipient]
    expect(await shell.run(args)).toMatchObject({ code: 2, stdout: '' })
    expect(readFileSync(out, 'utf8')).toBe('something else')
    expect(await shell.run([...args, '--force'])).toMatchObject({ code: 0 })
    expect(await plaintextOf(out)).toEqual(isBackup)
  })

  it('takes a passphrase from a file or standard input, which nobody sees', async () => {
    const passphrase = 'nine quiet herons'
    const out = join(shell.home, 'passphrase.age')
    const args = ['backup', '--out', out, '--passphrase-stdin']
    expect(await shell.run(args, { input: `${passphrase}\n` })).toMatchObject({ code: 0 })
    expect(readFileSync(out, 'latin1')).toMatch(/^age-encryption\.org\/v1\n-> scrypt \S+ 18\n/)
    const short = await shell.run([
      'backup',
      '--out',
      `${out}2`,
      '--passphrase-file',
      shell.secretFile('short'),
    ])
    expect(short).toMatchObject({ code: 2, stdout: '' })
    expect(await shell.run(['backup', '--out', `${out}2`])).toMatchObject({ code: 2, stdout: '' })
    const both = await shell.run([...args, '--recipient', recipient])
    expect(both).toMatchObject({ code: 2, stdout: '' })
    const { items } = await product.person.client.audit.list({ query: { action: 'backup.' } })
    expect(items[0]).toMatchObject({ after: { encryptedWith: 'a passphrase' } })
    expect(shell.seen.join('\n') + JSON.stringify(items)).not.toContain(passphrase)
  })

  it('refuses what is no recipient, before anything is written', async () => {
    const out = join(shell.home, 'refused.age')
    const refused = await shell.run(['backup', '--out', out, '--recipient', 'age1nonsense'])
    expect(refused).toMatchObject({ code: 4, stdout: '' })
    expect(refused.stderr).toContain('age1nonsense')
    expect(readdirSync(shell.home).filter((name) => name.startsWith('refused'))).toEqual([])
  })

  it('leaves nothing behind when the connection breaks off', async () => {
    await using relay = await startRelay(product.url, cutAt, 'break')
    using away = await signedInShell(product)
    follow(away, { ...product, url: relay.url })
    const broken = await away.run(['backup', '--out', join(away.home, 'x.age'), '--recipient', recipient])
    expect(broken).toMatchObject({ code: 5, stdout: '' })
    expect(broken.stderr).toContain('broke off')
    expect(readdirSync(away.home)).toEqual(['latchwork'])
  })

  it('leaves nothing behind on Ctrl-C', async () => {
    await using relay = await startRelay(product.url, cutAt, 'hold')
    using away = await signedInShell(product)
    follow(away, { ...product, url: relay.url })
    const backup = away.spawn(['backup', '--out', join(away.home, 'x.age'), '--recipient', recipient])
    while (!readdirSync(away.home).some((name) => name.endsWith('.part'))) await sleep(20)
    backup.interrupt()
    expect(await backup.ended).toMatchObject({ code: 130, stdout: '' })
    expect(readdirSync(away.home)).toEqual(['latchwork'])
  })
})
