import { format, inspect } from 'node:util'
import { secretForms } from '@latchwork/contract'
import { beforeEach, describe, expect, it } from 'vitest'
import { Secret } from '../src/index.ts'

const formsOf = (secret: Secret): string[] => secretForms(secret.reveal())

const plaintext = 'api_CANARY0123456789abcdef.0123456789abcdefghijkl'
let secret: Secret
beforeEach(() => {
  secret = new Secret(plaintext)
})

describe('a Secret', () => {
  it.each<[string, () => string]>([
    ['JSON', () => JSON.stringify({ secret, list: [secret] })],
    ['a template', () => `${secret}`],
    ['joining', () => [secret, secret].join()],
    ['adding', () => `x${String(secret)}`],
    ['inspection', () => inspect({ secret }, { depth: 9, showHidden: true })],
    ['a log line', () => format('%s %o %O %j', secret, secret, secret, secret)],
    ['an error', () => inspect(new Error(`bad ${secret}`, { cause: secret }))],
    [
      'its own fields',
      () =>
        JSON.stringify([Object.keys(secret), Object.entries(secret), Reflect.ownKeys(secret).map(String)]),
    ],
    ['a copy', () => inspect({ ...secret })],
  ])('does not leave by %s', (_, leak) => {
    for (const form of formsOf(secret)) expect(leak()).not.toContain(form)
  })

  it('says that there is one, however it is printed', () => {
    expect(String(secret)).toBe('[secret]')
    expect(secret.toString()).toBe('[secret]')
    expect(`${secret}`).toBe('[secret]')
    expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}')
    expect(inspect(secret)).toBe('[secret]')
    expect(Number(secret)).toBeNaN()
  })

  it('is compared by what it holds', () => {
    expect(secret.equals(new Secret(plaintext))).toBe(true)
    expect(secret.equals(new Secret(`${plaintext}x`))).toBe(false)
    expect(secret.equals(new Secret(''))).toBe(false)
  })
})
