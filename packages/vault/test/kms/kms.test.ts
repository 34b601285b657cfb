import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createVault, type KeyProvider, openServiceKey, Secret } from '../../src/index.ts'
import { openService } from '../../src/kms/open.ts'
import { answerTransit, googleIdentity, services } from './services.ts'
import { ServiceKey, type StandIn, startStandIn } from './stand-in.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchwork-kms-'))
const tokenFile = join(folder, 'token')

beforeAll(() => {
  writeFileSync(tokenFile, 'token-1\n', { mode: 0o600 })
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'an invented secret')
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

describe.each(Object.entries(services))('a key of %s', (_title, { answer, name, bound }) => {
  let standIn: StandIn
  let provider: KeyProvider
  const open = () => openServiceKey(name(standIn.url), { tokenFile, endpoint: standIn.url })
  beforeEach(async () => {
    const key = new ServiceKey()
    standIn = await startStandIn((call) => answer(key, call))
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', googleIdentity(folder, standIn.url))
    provider = await open()
  })
  afterEach(() => standIn.close())

  it('wraps data keys, bound to their purpose, under its fingerprint', async () => {
    const dataKey = randomBytes(32)
    const wrapped = await provider.wrap(dataKey)
    expect(wrapped).toMatch(new RegExp(`^lwk\\.${provider.activeKeyId}\\.`))
    expect(dataKey.equals(await provider.unwrap(wrapped))).toBe(true)
    const asked = standIn.calls.filter(({ path }) => path !== '/token')
    expect(asked.length).toBeGreaterThanOrEqual(4) // with the two of the start
    for (const call of asked) expect(bound(call)).toBe(true)
    expect((await open()).activeKeyId).toBe(provider.activeKeyId)
  })

  it('seals and opens for a vault, and is asked once for what is used often', async () => {
    const vault = createVault(provider)
    const place = { table: 't', rowId: 'r', version: 1 }
    const sealed = await vault.seal(place, { apiKey: new Secret('a value') })
    expect(vault.keyIds(sealed)).toEqual([provider.activeKeyId])
    const before = standIn.calls.length
    for (let use = 0; use < 5; use++)
      expect((await vault.open(place, sealed, 'apiKey')).reveal()).toBe('a value')
    expect(standIn.calls.length - before).toBe(1)
  })

  it('refuses what was altered, and what another key wrapped', async () => {
    const [head, id, body = ''] = (await provider.wrap(randomBytes(32))).split('.')
    const bytes = Buffer.from(body, 'base64url')
    const at = bytes.length - 8
    bytes[at] = bytes[at] === 65 ? 66 : 65
    const altered = [head, id, bytes.toString('base64url')].join('.')
    await expect(provider.unwrap(altered)).rejects.toMatchObject({ code: 'secret_unreadable' })
    const other = [head, '0123456789abcdef', body].join('.')
    await expect(provider.unwrap(other)).rejects.toMatchObject({ code: 'master_key_missing' })
  })

  it('that fails stops the start, and its answer is not repeated', async () => {
    standIn.fault = { status: 403, body: { errors: ['hush-hush'], message: 'hush-hush' } }
    const failure = await open().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'kms_unavailable' })
    expect(String(failure)).not.toContain('hush-hush')
    await expect(provider.wrap(randomBytes(32))).rejects.toMatchObject({ code: 'kms_unavailable' })
  })

  it.each([403, 500])('that answers %i is out of order', async (status) => {
    const wrapped = await provider.wrap(randomBytes(32))
    standIn.fault = { status, body: {} }
    await expect(provider.wrap(randomBytes(32))).rejects.toMatchObject({ code: 'kms_unavailable' })
    const failure = provider.unwrap(wrapped)
    await expect(failure).rejects.toMatchObject({ code: 'kms_unavailable' })
    expect(provider.description).toBe(name(standIn.url))
  })

  it('is not waited for by who gave up', async () => {
    standIn.fault = 'silence'
    const service = await openService(name(standIn.url), { tokenFile, endpoint: standIn.url })
    for (const ask of [
      service.encrypt.bind(service, randomBytes(32)),
      service.decrypt.bind(service, 'vault:v1:AAAA'),
    ]) {
      const giveUp = new AbortController()
      standIn.whenSilent = () => giveUp.abort()
      await expect(ask(giveUp.signal)).rejects.toMatchObject({ name: 'AbortError' })
    }
  })

  it('that answers with something else is not believed', async () => {
    standIn.fault = { status: 200, body: { data: {}, name: 'another', ciphertext: 'AAAA', KeyId: 'another' } }
    await expect(provider.wrap(randomBytes(32))).rejects.toMatchObject({ code: 'kms_unavailable' })
  })
})

describe('Vault transit', () => {
  it('is asked with the token that stands in the file now', async () => {
    const key = new ServiceKey()
    const standIn = await startStandIn((call) => answerTransit(key, call))
    const provider = await openServiceKey(`vault:${standIn.url}/transit/latchwork`, { tokenFile })
    writeFileSync(tokenFile, 'token-2\n')
    await provider.wrap(randomBytes(32))
    expect(standIn.calls.at(-1)?.headers['x-vault-token']).toBe('token-2')
    await standIn.close()
  })

  it('needs a token file', async () => {
    const failure = openServiceKey('vault:https://vault.hollowoak.example/transit/k', { tokenFile: null })
    await expect(failure).rejects.toThrow('LATCHWORK_KMS_TOKEN_FILE')
  })
})
