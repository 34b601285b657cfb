import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createVault, type KeyProvider, namesServiceKey, openServiceKey, Secret } from '../../src/index.ts'
import { type Call, ServiceKey, type StandIn, startStandIn } from './stand-in.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchwork-kms-'))
const tokenFile = join(folder, 'token')
const purpose = Buffer.from('latchwork data key').toString('base64')
const googleName = 'projects/hollowoak/locations/europe/keyRings/latchwork/cryptoKeys/master'
const awsKey = '1f2e3d4c-0000-4000-8000-123456789abc'
const awsArn = `arn:aws:kms:eu-west-1:111122223333:key/${awsKey}`

const text = z.string().default('')
const transitBody = z.object({ plaintext: text, ciphertext: text, associated_data: z.string() })
const googleBody = z.object({ plaintext: text, ciphertext: text, additionalAuthenticatedData: z.string() })
const awsBody = z.object({
  KeyId: z.string(),
  EncryptionContext: z.object({ purpose: z.string() }),
  Plaintext: text,
  CiphertextBlob: text,
})

function answerTransit(key: ServiceKey, { path, headers, body }: Call) {
  const token = headers['x-vault-token']
  if (token !== 'token-1' && token !== 'token-2') return { status: 403, body: { errors: ['denied'] } }
  const asked = transitBody.parse(JSON.parse(body))
  if (path === '/v1/transit/encrypt/latchwork') {
    const ciphertext = `vault:v1:${key.encrypt(asked.plaintext, asked.associated_data)}`
    return { status: 200, body: { data: { ciphertext } } }
  }
  if (path !== '/v1/transit/decrypt/latchwork') return { status: 404, body: { errors: [] } }
  const plaintext = key.decrypt(asked.ciphertext.slice('vault:v1:'.length), asked.associated_data)
  return plaintext === null
    ? { status: 400, body: { errors: ['cipher: message authentication failed'] } }
    : { status: 200, body: { data: { plaintext } } }
}

function answerGoogle(key: ServiceKey, { path, headers, body }: Call) {
  if (path === '/token')
    return { status: 200, body: { access_token: 'lent', token_type: 'Bearer', expires_in: 3600 } }
  if (headers.authorization !== 'Bearer lent') return { status: 401, body: {} }
  const asked = googleBody.parse(JSON.parse(body))
  const additional = asked.additionalAuthenticatedData
  if (path === `/v1/${googleName}:encrypt`) {
    const ciphertext = key.encrypt(asked.plaintext, additional)
    return { status: 200, body: { name: `${googleName}/cryptoKeyVersions/1`, ciphertext } }
  }
  if (path !== `/v1/${googleName}:decrypt`) return { status: 404, body: {} }
  const plaintext = key.decrypt(asked.ciphertext, additional)
  return plaintext === null ? { status: 400, body: {} } : { status: 200, body: { plaintext } }
}

const signature = /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/kms\/aws4_request, /

function answerAws(key: ServiceKey, { headers, body }: Call) {
  if (!signature.test(headers.authorization ?? ''))
    return { status: 403, body: { __type: 'AccessDeniedException' } }
  const asked = awsBody.parse(JSON.parse(body))
  const context = Buffer.from(asked.EncryptionContext.purpose).toString('base64')
  if (headers['x-amz-target'] === 'TrentService.Encrypt')
    return { status: 200, body: { KeyId: awsArn, CiphertextBlob: key.encrypt(asked.Plaintext, context) } }
  const plaintext = key.decrypt(asked.CiphertextBlob, context)
  return plaintext === null
    ? { status: 400, body: { __type: 'InvalidCiphertextException' } }
    : { status: 200, body: { KeyId: awsArn, Plaintext: plaintext } }
}

const services = {
  'Vault transit': {
    answer: answerTransit,
    name: (url: string) => `vault:${url}/transit/latchwork`,
    bound: ({ body }: Call) => transitBody.parse(JSON.parse(body)).associated_data === purpose,
  },
  'Google Cloud KMS': {
    answer: answerGoogle,
    name: () => `gcp-kms:${googleName}`,
    bound: ({ body }: Call) => googleBody.parse(JSON.parse(body)).additionalAuthenticatedData === purpose,
  },
  'AWS KMS': {
    answer: answerAws,
    name: () => `aws-kms:eu-west-1/${awsKey}`,
    bound: ({ body }: Call) => {
      const asked = awsBody.parse(JSON.parse(body))
      return asked.EncryptionContext.purpose === 'latchwork data key' && asked.KeyId === awsKey
    },
  },
}

beforeAll(() => {
  writeFileSync(tokenFile, 'token-1\n')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'an invented secret')
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

/** Google's library finds a workload's identity, for which the stand-in lends a token. */
function stubGoogle(url: string): void {
  const subject = join(folder, 'subject')
  writeFileSync(subject, 'subject-token')
  const config = join(folder, 'google.json')
  const identity = {
    type: 'external_account',
    audience:
      '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${url}/token`,
    credential_source: { file: subject },
  }
  writeFileSync(config, JSON.stringify(identity))
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', config)
}

describe.each(Object.entries(services))('a key of %s', (_title, { answer, name, bound }) => {
  let standIn: StandIn
  let provider: KeyProvider
  const open = () => openServiceKey(name(standIn.url), { tokenFile, endpoint: standIn.url })
  beforeAll(async () => {
    const key = new ServiceKey()
    standIn = await startStandIn((call) => answer(key, call))
    stubGoogle(standIn.url)
    provider = await open()
  })
  afterEach(() => {
    standIn.fault = null
  })
  afterAll(() => standIn?.close())

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

  it('that answers with something else is not believed', async () => {
    standIn.fault = { status: 200, body: { data: {}, name: 'another', ciphertext: 'AAAA', KeyId: 'another' } }
    await expect(provider.wrap(randomBytes(32))).rejects.toMatchObject({ code: 'kms_unavailable' })
  })
})

describe('Vault transit', () => {
  it('is asked with the token that stands in the file now, and given up when it is silent', async () => {
    const key = new ServiceKey()
    const standIn = await startStandIn((call) => answerTransit(key, call))
    const provider = await openServiceKey(`vault:${standIn.url}/transit/latchwork`, { tokenFile })
    writeFileSync(tokenFile, 'token-2\n')
    await provider.wrap(randomBytes(32))
    expect(standIn.calls.at(-1)?.headers['x-vault-token']).toBe('token-2')
    standIn.fault = 'silence'
    await expect(provider.wrap(randomBytes(32))).rejects.toMatchObject({ code: 'kms_unavailable' })
    await standIn.close()
  })

  it('needs a token file', async () => {
    const failure = openServiceKey('vault:https://vault.hollowoak.example/transit/k', { tokenFile: null })
    await expect(failure).rejects.toThrow('LATCHWORK_KMS_TOKEN_FILE')
  })
})

it.each([
  ['aws-kms:eu-west-1/alias/latchwork', true],
  [`aws-kms:eu-west-1/${awsArn}`, true],
  [`gcp-kms:${googleName}`, true],
  ['vault:https://vault.hollowoak.example:8200/teams/transit/master', true],
  ['vault:http://vault.hollowoak.example/transit/master', false],
  ['vault:https://user:pw@vault.hollowoak.example/transit/master', false],
  ['vault:https://vault.hollowoak.example/master', false],
  ['gcp-kms:projects/p/cryptoKeys/k', false],
  ['aws', false],
])('%s names a key of a service: %s', (name, expected) => {
  expect(namesServiceKey(name)).toBe(expected)
})
