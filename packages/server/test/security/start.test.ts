import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LatchworkError } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import { afterAll, describe, expect, it } from 'vitest'
import { serverProgram } from '../../../../tools/test-processes/bundle.ts'
import { bareEnvironment } from '../../../../tools/test-processes/environment.ts'
import { localCertificate } from '../../src/tls/certificate.ts'
import { type Running, startRunning } from '../running.ts'

/** As whoever installs it starts it. */
const source = join(import.meta.dirname, '../../src/main.ts')
const folder = mkdtempSync(join(tmpdir(), 'latchwork-start-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

/**
 * Runs the program with nothing but these settings, as one file unless another is named; `until` ends it by SIGTERM
 * once that was printed, and `first` was done.
 */
async function run(
  settings: Record<string, string>,
  until?: RegExp,
  first = async () => {},
  program?: string,
): Promise<Ended> {
  const child = spawn(process.execPath, [program ?? (await serverProgram())], {
    env: { ...bareEnvironment(), NODE_NO_WARNINGS: '1', ...settings },
  })
  let out = ''
  let err = ''
  let ending = false
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
    if (ending || !until?.test(out)) return
    // Once: asked a second time it would not wait for anything.
    ending = true
    void first().finally(() => child.kill('SIGTERM'))
  })
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString()
  })
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, out, err })))
}

async function refusal(start: Promise<Running>): Promise<LatchworkError> {
  try {
    await (await start).stop()
  } catch (error) {
    if (error instanceof LatchworkError) return error
    throw error
  }
  throw new Error('the start was to be refused')
}

describe('the program', () => {
  it('reports every fault of the settings at once, with the code and no secret, and ends with 1', async () => {
    const { status, out, err } = await run({
      LATCHWORK_PORT: '99999',
      LATCHWORK_PUBLIC_URL: 'http://localhost:8443',
      LATCHWORK_DATABASE_URL: 'mysql://user:hush-hush@db.example/x',
      LATCHWORK_ADMIN_EMAIL: 'wren@hollowoak.example',
    })
    expect(status).toBe(1)
    for (const name of ['PORT', 'PUBLIC_URL', 'DATABASE_URL', 'ADMIN_PASSWORD'])
      expect(err).toContain(`LATCHWORK_${name}`)
    expect(err).toContain('(settings_invalid)')
    expect(out + err).not.toContain('hush-hush')
    expect(err).not.toMatch(/^\s+at /m)
  })

  it('says that its port is taken, and ends', async () => {
    const taker = createServer()
    await new Promise<void>((resolve) => taker.listen(0, '127.0.0.1', resolve))
    const address = taker.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { status, err } = await run({
      LATCHWORK_DATA_DIR: join(folder, 'taken'),
      LATCHWORK_PORT: String(port),
    })
    expect(status).toBe(1)
    expect(err).toContain(`The port ${port} on 127.0.0.1 is taken`)
    expect(err).toContain('(port_in_use)')
    taker.close()
  })

  it('prints its address and the set-up link, and ends in peace when told to', async () => {
    const settings = {
      LATCHWORK_DATA_DIR: join(folder, 'peace'),
      LATCHWORK_PORT: '0',
      LATCHWORK_PUBLIC_URL: 'https://latchwork.hollowoak.example',
    }
    const { status, out, err } = await run(settings, /setup\?token=/, undefined, source)
    expect(err).toBe('')
    expect(status).toBe(0)
    expect(out).toContain('Latchwork is at https://latchwork.hollowoak.example\n')
    expect(out).toMatch(/https:\/\/latchwork\.hollowoak\.example\/setup\?token=[\w-]{43}\n/)
    expect(statSync(join(settings.LATCHWORK_DATA_DIR, 'master.key')).mode & 0o777).toBe(0o600)
    expect(statSync(join(settings.LATCHWORK_DATA_DIR, 'tls/key.pem')).mode & 0o777).toBe(0o600)
  })

  it('#41 has none of its secrets in the list of processes, and prints none', async () => {
    const secrets = {
      LATCHWORK_MASTER_KEY: Buffer.from('canary master key of 32 bytes 01').toString('base64'),
      LATCHWORK_ADMIN_PASSWORD: 'canary pass phrase 02',
      LATCHWORK_SMTP_URL: 'smtp://user:canary-password-03@localhost',
    }
    const listed = async () => (await promisify(execFile)('ps', ['-A', '-ww', '-o', 'args'])).stdout
    let processes = ''
    const { status, out, err } = await run(
      {
        ...secrets,
        LATCHWORK_ADMIN_EMAIL: 'wren@hollowoak.example',
        LATCHWORK_DATA_DIR: join(folder, 'listed'),
        LATCHWORK_PORT: '0',
        LATCHWORK_PUBLIC_URL: 'https://latchwork.hollowoak.example',
      },
      /Latchwork is at/,
      async () => {
        processes = await listed()
      },
    )
    expect([status, err]).toEqual([0, ''])
    expect(processes).toContain(await serverProgram())
    for (const secret of [...Object.values(secrets), 'canary']) expect(processes + out).not.toContain(secret)
  })
})

describe('the master key', () => {
  it('#38 that is missing or wrong stops the start, and the fingerprint needed is named', async () => {
    const server = await startRunning(null)
    const needed = (await (await server.signedIn()).client.settings.get()).masterKeyFingerprint
    await server.app.close()
    const again = (settings: object) =>
      startRunning(null, {
        settings: { dataDir: server.dataDir, masterKeyFile: server.settings.masterKeyFile, ...settings },
      })

    renameSync(server.settings.masterKeyFile, join(folder, 'aside'))
    const missing = await refusal(again({}))
    expect(missing.code).toBe('master_key_missing')
    expect(missing.message).toContain(needed)

    const anotherKey = `lw-key-1:${randomBytes(32).toString('base64url')}`
    writeFileSync(server.settings.masterKeyFile, anotherKey, { mode: 0o600 })
    const wrong = await refusal(again({}))
    expect(wrong.code).toBe('master_key_wrong')
    expect(wrong.message).toContain(needed)

    const badText = await refusal(again({ masterKey: new Secret('not-a-key-at-all') }))
    expect(badText.code).toBe('master_key_missing')
    expect(badText.message).toContain(needed)
    expect(badText.message).not.toContain('not-a-key-at-all')

    const line = readFileSync(join(folder, 'aside'), 'utf8')
    const right = await again({ masterKey: new Secret(line) })
    await right.stop()
    rmSync(server.dataDir, { recursive: true, force: true })
  })
})

describe('the surroundings', () => {
  it('a data folder that cannot be made', async () => {
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    const dataDir = join(file, 'data')
    const refused = await refusal(startRunning(null, { settings: { dataDir } }))
    expect(refused.code).toBe('data_dir_unwritable')
    expect(refused.message).toContain(dataDir)
  })

  it('a database file in use by another process', async () => {
    const dataDir = join(folder, 'locked')
    const port = '0'
    const { status, err } = await (async () => {
      const server = await startRunning(null, {
        settings: { dataDir, masterKeyFile: join(dataDir, 'master.key') },
      })
      try {
        return await run({
          LATCHWORK_DATA_DIR: dataDir,
          LATCHWORK_PORT: port,
          LATCHWORK_PUBLIC_URL: 'https://localhost:1',
        })
      } finally {
        await server.app.close()
      }
    })()
    expect(status).toBe(1)
    expect(err).toContain('(database_locked)')
  })

  it('a database that cannot be reached, its password not repeated', async () => {
    const databaseUrl = new Secret('postgres://latchwork:hush-hush@127.0.0.1:9/latchwork')
    const refused = await refusal(startRunning(null, { settings: { databaseUrl } }))
    expect(refused.code).toBe('database_unreachable')
    expect(refused.message).not.toContain('hush-hush')
  })

  it.each<[string, (file: string) => void]>([
    ['text', (file) => writeFileSync(file, 'no database, but long enough to be taken for one. '.repeat(200))],
    ['random bytes behind its head', (file) => overwrite(file, 100, 300_000)],
    ['other bytes in the midst', (file) => overwrite(file, 20_000, 200_000)],
    ['half of it', (file) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ['no more than a head', (file) => truncateSync(file, 100)],
  ])('#47 a database file that is damaged, in a sentence: %s', async (kind, damage) => {
    const dataDir = join(folder, `damaged-${kind.replaceAll(' ', '-')}`)
    const before = await startRunning(null, {
      settings: { dataDir, masterKeyFile: join(folder, 'whole.key') },
    })
    await before.app.close()
    const file = join(dataDir, 'latchwork.db')
    damage(file)
    const { status, err } = await run({
      LATCHWORK_DATA_DIR: dataDir,
      LATCHWORK_MASTER_KEY_FILE: join(folder, 'whole.key'),
      LATCHWORK_PORT: '0',
      LATCHWORK_PUBLIC_URL: 'https://localhost:1',
    })
    expect(status).toBe(1)
    expect(err).toMatch(/^Latchwork can't start\. The database file .* is damaged \(.*\)\. Stop the server/)
    expect(err).toContain(file)
    expect(err).toContain('(database_unreachable)')
    expect(err).not.toMatch(/\n\s+at |node_modules/)
  })

  it('a certificate of one’s own that is not there', async () => {
    const tls = { certificateFile: join(folder, 'none.pem'), keyFile: join(folder, 'none.key') }
    expect((await refusal(startRunning(null, { settings: { tls } }))).code).toBe('settings_invalid')
  })

  it.each([0o640, 0o604, 0o660, 0o610])(
    '#38 a key of the certificate that others can read: %o',
    async (mode) => {
      const dataDir = join(folder, `exposed-${mode}`)
      await localCertificate(dataDir, 'localhost', Date.now())
      const keyFile = join(dataDir, 'tls/key.pem')
      chmodSync(keyFile, mode)
      const tls = { certificateFile: join(dataDir, 'tls/cert.pem'), keyFile }
      for (const settings of [{ tls }, { dataDir, masterKeyFile: join(folder, 'exposed.key') }]) {
        const refused = await refusal(startRunning(null, { settings }))
        expect(refused.code).toBe('settings_invalid')
        expect(refused.message).toContain(keyFile)
        expect(refused.message).toContain('chmod 600')
      }
    },
  )

  it('an address that is not this machine’s', async () => {
    const refused = await refusal(startRunning(null, { settings: { host: '192.0.2.1' } }))
    expect(refused.code).toBe('settings_invalid')
    expect(refused.message).toContain('LATCHWORK_HOST')
  })
})

/** Every page from one place to another as nothing could have written it. */
function overwrite(file: string, from: number, to: number): void {
  const bytes = readFileSync(file)
  bytes.fill(0xa5, from, Math.min(to, bytes.length))
  writeFileSync(file, bytes)
}

describe('the local certificate', () => {
  it('is kept, and made anew before it ends or for another name', async () => {
    const dataDir = join(folder, 'certificates')
    const dayMs = 86_400_000
    const first = await localCertificate(dataDir, 'localhost', Date.now())
    expect(await localCertificate(dataDir, 'localhost', Date.now() + 300 * dayMs)).toEqual(first)
    const renewed = await localCertificate(dataDir, 'localhost', Date.now() + 380 * dayMs)
    expect(renewed.cert).not.toBe(first.cert)
    const named = await localCertificate(dataDir, 'latchwork.hollowoak.example', Date.now() + 380 * dayMs)
    expect(named.cert).not.toBe(renewed.cert)
    writeFileSync(join(dataDir, 'tls/key.pem'), first.key)
    expect((await localCertificate(dataDir, 'latchwork.hollowoak.example', Date.now())).key).not.toBe(
      first.key,
    )
  })
})
