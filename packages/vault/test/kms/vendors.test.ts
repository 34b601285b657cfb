import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openServiceKey } from '../../src/index.ts'
import { openService } from '../../src/kms/open.ts'
import type { KeyService } from '../../src/kms/service.ts'
import { answerGoogle, answerTransit, awsArn, awsKey, googleIdentity, googleName } from './services.ts'
import { ServiceKey, type StandIn, startStandIn } from './stand-in.ts'

/* What is particular to each key service. */
const folder = mkdtempSync(join(tmpdir(), 'latchwork-kms-'))
const tokenFile = join(folder, 'token')
const { signal } = new AbortController()
const dataKey = randomBytes(32)
let standIn: StandIn

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
beforeEach(async () => {
  standIn = await startStandIn(() => ({ status: 500, body: {} }))
})
afterEach(() => standIn.close())

const open = (name: string): Promise<KeyService> => openService(name, { tokenFile, endpoint: standIn.url })
const answers = (body: unknown, status = 200) => {
  standIn.fault = { status, body }
}

describe('AWS KMS', () => {
  const blob = Buffer.from('a ciphertext').toString('base64')
  const encrypted = (KeyId?: string) => answers({ KeyId, CiphertextBlob: blob })
  const decrypted = (KeyId?: string) => answers({ KeyId, Plaintext: dataKey.toString('base64') })

  it.each([
    [awsKey, awsArn],
    [awsKey, awsKey],
    [awsArn, awsArn],
    ['alias/latchwork', awsArn],
    ['arn:aws:kms:eu-west-1:111122223333:alias/latchwork', awsArn],
  ])('is believed as %s when %s answers', async (keyId, answered) => {
    const service = await open(`aws-kms:eu-west-1/${keyId}`)
    encrypted(answered)
    expect(await service.encrypt(dataKey, signal)).toBe(blob)
    decrypted(answered)
    expect(dataKey.equals(await service.decrypt(blob, signal))).toBe(true)
  })

  it.each([
    [awsKey, 'another'],
    [awsKey, `x${awsKey}`],
    [awsKey, undefined],
    [awsKey, awsArn.replace('1f2e', 'ffff')],
    [awsArn, awsKey],
    ['not-alias', awsArn],
  ])('is not believed as %s when %s answers', async (keyId, answered) => {
    const service = await open(`aws-kms:eu-west-1/${keyId}`)
    encrypted(answered)
    await expect(service.encrypt(dataKey, signal)).rejects.toThrow('another key answered')
    decrypted(answered)
    await expect(service.decrypt(blob, signal)).rejects.toThrow('another key answered')
  })

  it('is not believed with nothing in its answer', async () => {
    const service = await open(`aws-kms:eu-west-1/${awsKey}`)
    answers({ KeyId: awsArn })
    await expect(service.encrypt(dataKey, signal)).rejects.toThrow('no ciphertext')
    await expect(service.decrypt(blob, signal)).rejects.toThrow('no plaintext')
  })

  it.each([
    ['InvalidCiphertextException', 'secret_unreadable'],
    ['IncorrectKeyException', 'secret_unreadable'],
    ['AccessDeniedException', 'kms_unavailable'],
  ])('that says %s means %s', async (type, code) => {
    const provider = await openServiceKeyWith(`aws-kms:eu-west-1/${awsKey}`)
    answers({ __type: type }, 400)
    await expect(provider.unwrap(wrapped(provider.activeKeyId))).rejects.toMatchObject({ code })
  })

  /** Answers the trial of the start as the service does. */
  async function openServiceKeyWith(name: string) {
    let stored = ''
    standIn.answer = ({ headers, body }) => {
      const asked: { Plaintext?: string } = JSON.parse(body)
      if (headers['x-amz-target'] === 'TrentService.Encrypt') stored = asked.Plaintext ?? ''
      return { status: 200, body: { KeyId: awsArn, CiphertextBlob: blob, Plaintext: stored } }
    }
    return openServiceKey(name, { tokenFile, endpoint: standIn.url })
  }
})

describe('Google Cloud KMS', () => {
  const name = `gcp-kms:${googleName}`
  beforeEach(() => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', googleIdentity(folder, standIn.url))
    const key = new ServiceKey()
    standIn.answer = (call) => answerGoogle(key, call)
  })
  /** The library's own request for a token is answered as ever. */
  const answersKey = (body: unknown, status = 200) => {
    const key = new ServiceKey()
    standIn.answer = (call) => (call.path === '/token' ? answerGoogle(key, call) : { status, body })
  }

  it('is asked in JSON, with a token for nothing but keys', async () => {
    const service = await open(name)
    await service.encrypt(dataKey, signal)
    const [token, call] = standIn.calls
    expect(new URLSearchParams(token?.body).get('scope')).toBe('https://www.googleapis.com/auth/cloudkms')
    expect(call?.headers['content-type']).toBe('application/json')
  })

  it.each([
    ['another key', { name: 'projects/p', ciphertext: 'AAAA' }, 'another key answered'],
    ['a key of which this is the beginning', { name: `${googleName}2`, ciphertext: 'AAAA' }, 'another key'],
    ['no base64', { name: `${googleName}/cryptoKeyVersions/1`, ciphertext: '*' }, /base64/],
  ])('that encrypts with %s is not believed', async (_, body, words) => {
    answersKey(body)
    await expect((await open(name)).encrypt(dataKey, signal)).rejects.toThrow(words)
  })

  it('that decrypts to no base64 is not believed', async () => {
    answersKey({ plaintext: '*' })
    await expect((await open(name)).decrypt('AAAA', signal)).rejects.toThrow(/base64/)
  })

  it.each(statuses())('that answers %s with %i throws %s', async (action, status, error) => {
    answersKey({}, status)
    const service = await open(name)
    const asked = action === 'encrypt' ? service.encrypt(dataKey, signal) : service.decrypt('AAAA', signal)
    expect(String(await asked.catch(String))).toContain(error)
  })
})

describe('Vault transit', () => {
  const service = () => open(`vault:${standIn.url}/transit/latchwork`)

  it('is asked in JSON, as no browser can ask', async () => {
    answers({ data: { ciphertext: 'vault:v1:x' } })
    expect(await (await service()).encrypt(dataKey, signal)).toBe('vault:v1:x')
    expect(standIn.calls[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-vault-request': 'true',
      'x-vault-token': 'token-1',
    })
  })

  it.each([{}, { data: {} }, { data: { ciphertext: 'x' } }, { data: { ciphertext: 'x vault:' } }])(
    'that encrypts to %j is not believed',
    async (body) => {
      answers(body)
      await expect((await service()).encrypt(dataKey, signal)).rejects.toMatchObject({ name: 'ZodError' })
    },
  )

  it.each([{}, { data: {} }, { data: { plaintext: '*' } }])(
    'that decrypts to %j is not believed',
    async (body) => {
      answers(body)
      await expect((await service()).decrypt('vault:v1:x', signal)).rejects.toMatchObject({
        name: 'ZodError',
      })
    },
  )

  it.each(statuses())('that answers %s with %i throws %s', async (action, status, error) => {
    answers({}, status)
    const asked =
      action === 'encrypt'
        ? (await service()).encrypt(dataKey, signal)
        : (await service()).decrypt('vault:v1:x', signal)
    expect(String(await asked.catch(String))).toContain(error)
  })

  it.each([0o640, 0o604, 0o644, 0o620])(
    '#38 is not asked with a token that others can read: %o',
    async (mode) => {
      const exposed = join(folder, `token-${mode}`)
      writeFileSync(exposed, 'token-1')
      chmodSync(exposed, mode)
      const opening = openServiceKey(`vault:${standIn.url}/transit/latchwork`, { tokenFile: exposed })
      await expect(opening).rejects.toMatchObject({
        code: 'settings_invalid',
        message: `LATCHWORK_KMS_TOKEN_FILE: the token file ${exposed} can be read by others (mode ${mode.toString(8)}). Run chmod 600 on it.`,
      })
      expect(standIn.calls).toEqual([])
    },
  )

  it('that gives back other bytes than it was given stops the start', async () => {
    const key = new ServiceKey()
    standIn.answer = (call) => {
      const answer = answerTransit(key, call)
      const other = { status: 200, body: { data: { plaintext: randomBytes(32).toString('base64') } } }
      return call.path.includes('/decrypt/') ? other : answer
    }
    await expect(
      openServiceKey(`vault:${standIn.url}/transit/latchwork`, { tokenFile }),
    ).rejects.toMatchObject({
      code: 'kms_unavailable',
      message: expect.stringMatching(/vault:.* answers with other bytes/),
    })
  })
})

/** By action and status, what a service over HTTP throws: only a 400 of decrypting says that it refuses the ciphertext. */
function statuses(): [string, number, string][] {
  return [
    ['encrypt', 400, 'ServiceStatus: status 400'],
    ['decrypt', 400, 'Error'],
    ['encrypt', 304, 'ServiceStatus: status 304'],
    ['decrypt', 403, 'ServiceStatus: status 403'],
    ['decrypt', 503, 'ServiceStatus: status 503'],
  ]
}

function wrapped(keyId: string): string {
  return `lwk.${keyId}.${Buffer.from(Buffer.from('altered').toString('base64')).toString('base64url')}`
}
