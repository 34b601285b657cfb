import { execFile } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { credentialListQuerySchema } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import { Decrypter, generateIdentity, identityToRecipient } from 'age-encryption'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverProgram } from '../../../../tools/test-processes/bundle.ts'
import { bareEnvironment } from '../../../../tools/test-processes/environment.ts'
import { openStores } from '../../src/app/stores.ts'
import { backUp } from '../../src/backup/backup.ts'
import { type Openers, readIdentities, readPassphrase } from '../../src/backup/encryption.ts'
import { restore } from '../../src/backup/restore.ts'
import type { DatabaseSettings } from '../../src/database/open.ts'
import { makePostgresPlace, makeSqlitePlace, type TestPlace } from '../database/database.ts'
import { makeFlow, runFlow } from '../flows/moving.ts'
import { type Running, startRunning } from '../running.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchwork-backup-'))
let sandbox: Sandbox
let identity: string
let recipient: string
beforeAll(async () => {
  sandbox = await startSandbox()
  identity = await generateIdentity()
  recipient = await identityToRecipient(identity)
})
afterAll(async () => {
  await sandbox?.close()
  rmSync(folder, { recursive: true, force: true })
})

const openers = (): Openers => ({ identities: [new Secret(identity)] })

function apiKey(): string {
  const [key] = sandbox.apiKeys
  if (key === undefined) throw new Error('the sandbox has keys')
  return key.key
}

async function addCredential(server: Running): Promise<string> {
  const { client } = await server.signedIn()
  const credential = await client.credentials.create({
    body: { connector: 'close', method: 'api_key', name: 'Nordwind', values: { apiKey: apiKey() } },
  })
  return credential.id
}

/** A run of which something is kept to be looked at. */
async function runWithRecords(server: Running, credentialId: string): Promise<string> {
  const { client } = await server.signedIn()
  const flow = await makeFlow(
    client,
    { connector: 'close', credentialId, config: { object: 'users' } },
    { connector: 'files', credentialId: null, config: { file: 'users.jsonl', format: 'jsonl' } },
  )
  const run = await runFlow(client, flow)
  expect(run.status).toBe('succeeded')
  return run.id
}

/** From one place to another: backup of a running server, destruction, restore, use. */
async function drill(from: TestPlace, to: TestPlace, name: string): Promise<void> {
  const keyFile = join(folder, `${name}.key`)
  const file = join(folder, `${name}.age`)
  const server = await startRunning(sandbox, {
    settings: { databaseUrl: from.settings.databaseUrl, masterKeyFile: keyFile },
  })
  const id = await addCredential(server)
  const run = await runWithRecords(server, id)
  const source: DatabaseSettings = { databaseUrl: from.settings.databaseUrl, dataDir: server.dataDir }
  const { rows } = await backUp(source, file, { recipients: [recipient] }, new Date())
  await server.stop()

  const target = {
    ...to.settings,
    masterKey: null,
    kms: null,
    masterKeyFile: join(folder, `${name}-none.key`),
  }
  await expect(restore(target, file, openers())).rejects.toMatchObject({ code: 'master_key_missing' })
  const restored = await restore({ ...target, masterKeyFile: keyFile }, file, openers())
  expect(restored.rows).toBe(rows)

  const again = await startRunning(sandbox, { settings: { ...to.settings, masterKeyFile: keyFile } })
  try {
    // The browser trusts the certificate of the folder that its server was given first.
    cpSync(join(to.settings.dataDir, 'tls'), join(again.dataDir, 'tls'), { recursive: true })
    const { client } = await again.signedIn()
    const checked = await client.credentials.check({ params: { id } })
    expect(checked).toMatchObject({ name: 'Nordwind', status: 'verified' })
    const { records } = await client.runs.records({ params: { id: run } })
    expect(records).not.toHaveLength(0)
  } finally {
    await again.stop()
  }
  await expect(restore({ ...target, masterKeyFile: keyFile }, file, openers())).rejects.toMatchObject({
    code: 'restore_not_empty',
  })
}

describe('#39 a backup and the master key', () => {
  const places = { SQLite: makeSqlitePlace, PostgreSQL: makePostgresPlace }
  it.each([
    ['SQLite', 'SQLite'],
    ['PostgreSQL', 'PostgreSQL'],
    ['SQLite', 'PostgreSQL'],
    ['PostgreSQL', 'SQLite'],
  ] as const)('restore from %s into an empty %s, and the credential works', async (one, other) => {
    const from = await places[one]()
    const to = await places[other]('none')
    try {
      await drill(from, to, `${one}-${other}`)
    } finally {
      await from.remove()
      await to.remove()
    }
  })
})

describe('a backup', () => {
  let server: Running
  let file: string
  beforeAll(async () => {
    server = await startRunning(sandbox)
    await addCredential(server)
    file = join(folder, 'one.age')
    await backUp(server.settings, file, { recipients: [recipient] }, new Date())
  })
  afterAll(() => server?.stop())

  const emptyTarget = (name: string) => {
    const dataDir = join(folder, name)
    mkdirSync(dataDir, { recursive: true })
    copyFileSync(server.settings.masterKeyFile, join(dataDir, 'master.key'))
    return {
      databaseUrl: null,
      dataDir,
      masterKey: null,
      kms: null,
      masterKeyFile: join(dataDir, 'master.key'),
    }
  }

  it('#38 #39 alone opens nothing: neither the key nor a secret is in it, even decrypted', async () => {
    const plain = await plaintextOf(file)
    expect(plain).toContain('Nordwind')
    const keyLine = readFileSync(server.settings.masterKeyFile, 'utf8').split('\n')[1] ?? ''
    expect(keyLine).toMatch(/^lw-key-1:/)
    for (const secret of [apiKey(), keyLine, keyLine.slice('lw-key-1:'.length)]) {
      expect(plain).not.toContain(secret)
      expect(readFileSync(file, 'latin1')).not.toContain(secret)
    }
    expect(readFileSync(file, 'latin1')).not.toContain('Nordwind')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('has no sessions: people sign in again', async () => {
    const target = emptyTarget('sessions')
    await restore(target, file, openers())
    const stores = await openStores(target)
    const { rows } = await sql<{ count: number }>`select count(*) as count from sessions`.execute(
      stores.kysely,
    )
    expect(rows[0]?.count).toBe(0)
    await stores.close()
  })

  it('#53 brings back no invitation and no sign-in of a terminal, which may have been withdrawn since', async () => {
    const { client } = await server.signedIn()
    const program = server.browser().client
    const begun = await program.devices.begin({ body: { deviceName: 'larch' } })
    await client.devices.decide({ body: { userCode: begun.userCode, allow: true } })
    await program.devices.poll({ body: { deviceCode: begun.deviceCode } })
    await client.tokens.create({ body: { name: 'a program' } })
    await client.invitations.create({ body: { email: 'friend@hollowoak.example', role: 'admin' } })
    const out = join(folder, 'withdrawn.age')
    await backUp(server.settings, out, { recipients: [recipient] }, new Date())
    const target = emptyTarget('withdrawn')
    await restore(target, out, openers())
    const stores = await openStores(target)
    const { tables } = stores.database
    expect(await tables.selectFrom('invitations').select('id').execute()).toEqual([])
    expect(await tables.selectFrom('apiTokens').select('name').execute()).toEqual([{ name: 'a program' }])
    await stores.close()
  })

  it('is refused when it is cut off, altered, or for another key, and leaves the database empty', async () => {
    const whole = readFileSync(file)
    const altered = Buffer.from(whole)
    const middle = Math.floor(whole.length / 2)
    altered[middle] = (altered[middle] ?? 0) ^ 1
    const target = emptyTarget('damaged')
    for (const [name, bytes] of Object.entries({
      cut: whole.subarray(0, whole.length - 20),
      altered,
      nothing: Buffer.alloc(0),
      text: Buffer.from('no backup'),
    })) {
      const path = join(folder, `${name}.age`)
      writeFileSync(path, bytes)
      await expect(restore(target, path, openers()), name).rejects.toMatchObject({
        code: 'backup_unreadable',
      })
    }
    const stranger = { identities: [new Secret(await generateIdentity())] }
    await expect(restore(target, file, stranger)).rejects.toMatchObject({ code: 'backup_unreadable' })
    await restore(target, file, openers())
  })

  it('is never written over another', async () => {
    await expect(
      backUp(server.settings, file, { recipients: [recipient] }, new Date()),
    ).rejects.toMatchObject({ code: 'invalid_input' })
  })

  it('is made and restored by commands', async () => {
    const identityFile = join(folder, 'identity')
    writeFileSync(identityFile, `# public key: ${recipient}\n${identity}\n`, { mode: 0o600 })
    const target = emptyTarget('commands')
    const out = join(folder, 'commands.age')
    const made = await run(server.dataDir, 'backup', '--out', out, '--recipient', recipient)
    expect(made).toMatchObject({ status: 0, err: '' })
    expect(made.out).toMatch(/^Backed up \d+ rows of \d+ tables/)
    const wrong = await run(target.dataDir, 'restore', '--in', out)
    expect(wrong).toMatchObject({ status: 1, err: expect.stringContaining('--identity-file') })
    const restored = await run(target.dataDir, 'restore', '--in', out, '--identity-file', identityFile)
    expect(restored).toMatchObject({ status: 0, err: '' })
    expect((await run(target.dataDir, 'dance')).err).toContain('There is no command "dance"')
  })

  it('#40 has nothing of a credential that was erased', async () => {
    const { credentials } = server.app.stores
    const query = credentialListQuerySchema.parse({})
    const [row] = (await credentials.list(query)).items
    if (row === undefined) throw new Error('there is a credential')
    const holds = async (name: string): Promise<boolean> => {
      const out = join(folder, name)
      await backUp(server.settings, out, { recipients: [recipient] }, new Date())
      return (await plaintextOf(out)).includes(row.sealed.wrappedKey)
    }
    expect(await holds('before.age')).toBe(true)
    await credentials.erase(row.id)
    expect(await holds('after.age')).toBe(false)
  })

  it('may be encrypted with a passphrase from a file', { timeout: 120_000 }, async () => {
    const passphraseFile = join(folder, 'passphrase')
    writeFileSync(passphraseFile, 'nine quiet herons\n', { mode: 0o600 })
    const passphrase = readPassphrase(passphraseFile)
    const out = join(folder, 'passphrase.age')
    await backUp(server.settings, out, { passphrase }, new Date())
    await restore(emptyTarget('by-passphrase'), out, { passphrase })
    writeFileSync(passphraseFile, 'short\n')
    expect(() => readPassphrase(passphraseFile)).toThrow('8 characters')
    chmodSync(passphraseFile, 0o640)
    for (const read of [readPassphrase, readIdentities])
      expect(() => read(passphraseFile)).toThrow('can be read by others (mode 640). Run chmod 600 on it.')
  })
})

function plaintextOf(path: string): Promise<string> {
  const decrypter = new Decrypter()
  decrypter.addIdentity(identity)
  return decrypter.decrypt(readFileSync(path), 'text')
}

interface Ended {
  readonly status: number
  readonly out: string
  readonly err: string
}

async function run(dataDir: string, ...args: string[]): Promise<Ended> {
  const main = await serverProgram()
  const env = { ...bareEnvironment(), NODE_NO_WARNINGS: '1', LATCHWORK_DATA_DIR: dataDir }
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env }, (error, out, err) => {
      resolve({ status: error === null ? 0 : Number(error.code), out, err })
    })
  })
}
