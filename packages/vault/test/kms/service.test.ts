import { randomBytes } from 'node:crypto'
import { LatchworkError } from '@latchwork/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KeyProvider } from '../../src/index.ts'
import {
  createServiceProvider,
  type KeyService,
  loadClient,
  Refused,
  ServiceStatus,
} from '../../src/kms/service.ts'
import { ServiceKey } from './stand-in.ts'

/* What is common to all key services: how often they are asked, and what is said of one that fails. */
const purpose = Buffer.from('latchwork data key').toString('base64')
const minuteMs = 60_000
let key: ServiceKey
let asked: number
let fault: unknown
let nowMs: number
let provider: KeyProvider

/** A service in this process, that can be put out of order. */
const service: KeyService = {
  resource: 'a key of the test',
  encrypt: async (plaintext) => {
    if (fault !== null) throw fault
    return key.encrypt(plaintext.toString('base64'), purpose)
  },
  decrypt: async (ciphertext) => {
    asked += 1
    if (fault !== null) throw fault
    const plaintext = key.decrypt(ciphertext, purpose)
    if (plaintext === null) throw new Refused()
    return Buffer.from(plaintext, 'base64')
  },
}

beforeEach(() => {
  key = new ServiceKey()
  asked = 0
  fault = null
  nowMs = 1000
  provider = createServiceProvider(service, () => nowMs)
})
afterEach(() => {
  fault = null
})

describe('a data key under a service', () => {
  it('is remembered for five minutes, and then asked for again', async () => {
    const dataKey = randomBytes(32)
    const wrapped = await provider.wrap(dataKey)
    expect(dataKey.equals(await provider.unwrap(wrapped))).toBe(true)
    nowMs += 5 * minuteMs - 1
    expect(dataKey.equals(await provider.unwrap(wrapped))).toBe(true)
    expect(asked).toBe(1)
    nowMs += 1
    expect(dataKey.equals(await provider.unwrap(wrapped))).toBe(true)
    expect(asked).toBe(2)
    nowMs += 5 * minuteMs - 1
    await provider.unwrap(wrapped)
    expect(asked).toBe(2)
  })

  it('is asked for once by all who need it at once', async () => {
    const wrapped = await provider.wrap(randomBytes(32))
    await Promise.all(Array.from({ length: 5 }, () => provider.unwrap(wrapped)))
    expect(asked).toBe(1)
  })

  it('is remembered with a thousand others; the one that was asked for longest ago goes first', async () => {
    const wrapped = await Promise.all(Array.from({ length: 1001 }, () => provider.wrap(randomBytes(32))))
    const [first = '', second = ''] = wrapped
    for (const each of wrapped.slice(0, 1000)) await provider.unwrap(each)
    await provider.unwrap(first)
    expect(asked).toBe(1000)
    nowMs += 5 * minuteMs
    await provider.unwrap(first) // once more, so that it is the latest
    await provider.unwrap(wrapped[1000] ?? '')
    nowMs -= minuteMs
    await provider.unwrap(first)
    expect(asked).toBe(1002)
    await provider.unwrap(second)
    expect(asked).toBe(1003)
  })

  it('is not remembered when it could not be had', async () => {
    const wrapped = await provider.wrap(randomBytes(32))
    fault = new Error('out of order')
    await expect(provider.unwrap(wrapped)).rejects.toMatchObject({ code: 'kms_unavailable' })
    fault = null
    expect(await provider.unwrap(wrapped)).toHaveLength(32)
  })

  it.each([16, 31, 33])('of %i bytes is none', async (length) => {
    const wrapped = await provider.wrap(randomBytes(length))
    await expect(provider.unwrap(wrapped)).rejects.toMatchObject({ code: 'secret_unreadable' })
  })

  it('is refused in any other form, and nobody is asked', async () => {
    const wrapped = await provider.wrap(randomBytes(32))
    const [, keyId, ciphertext] = wrapped.split('.')
    const others = ['', 'lwk', `lwk.${keyId}`, `lw1.${keyId}.${ciphertext}`, `${wrapped}.x`]
    for (const other of others) {
      await expect(provider.unwrap(other)).rejects.toMatchObject({ code: 'secret_unreadable' })
    }
    expect(asked).toBe(0)
  })

  it('of another key names both', async () => {
    expect(provider.keyIds).toEqual([provider.activeKeyId])
    const other = createServiceProvider({ ...service, resource: 'another key' })
    await expect(provider.unwrap(await other.wrap(randomBytes(32)))).rejects.toMatchObject({
      code: 'master_key_missing',
      message: expect.stringMatching(`${other.activeKeyId}.*a key of the test`),
    })
  })
})

describe('a service that fails', () => {
  it.each([
    ['an error', new TypeError('hush-hush'), 'kms_unavailable', /\(TypeError\)/],
    ['a status', new ServiceStatus(503), 'kms_unavailable', /\(ServiceStatus, status 503\)/],
    ['anything else', 'hush-hush', 'kms_unavailable', /\(unknown\)/],
    ['a refusal', new Refused(), 'secret_unreadable', /./],
    ['a reason of ours', new LatchworkError('settings_invalid'), 'settings_invalid', /./],
  ])('with %s is told apart, without its words', async (_, thrown, code, message) => {
    const wrapped = await provider.wrap(randomBytes(32))
    fault = thrown
    const failure = await provider.unwrap(wrapped).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) })
    expect(String(failure)).not.toContain('hush-hush')
  })

  it('is given up when it is silent, even if it does not stop when it is told to', async () => {
    const silence = () => new Promise<never>(() => {})
    const impatient = createServiceProvider({ ...service, encrypt: silence }, () => nowMs, 5)
    await expect(impatient.wrap(randomBytes(32))).rejects.toMatchObject({ code: 'kms_unavailable' })
  })

  it('says which key, and what to check', async () => {
    fault = new ServiceStatus(403)
    await expect(provider.wrap(randomBytes(32))).rejects.toThrow(
      /^The key service for a key of the test did not .*Check that it can be reached.*encrypt and decrypt/,
    )
    expect(new ServiceStatus(403).message).toBe('status 403')
  })
})

describe('a client that is installed only where it is needed', () => {
  it('is loaded, or named with what to do', async () => {
    expect(await loadClient('a-client', async () => 'the client')).toBe('the client')
    await expect(loadClient('a-client', () => Promise.reject(new Error('missing')))).rejects.toMatchObject({
      code: 'settings_invalid',
      message: expect.stringMatching(/LATCHWORK_KMS.*a-client.*npm install a-client/),
      cause: expect.objectContaining({ message: 'missing' }),
    })
  })
})
