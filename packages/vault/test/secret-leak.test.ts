import { format, inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { formsOf, redact, Secret } from '../src/index.ts'

const plaintext = 'api_CANARY0123456789abcdef.0123456789abcdefghijkl'
const secret = new Secret(plaintext)

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

  it('is compared by what it holds', () => {
    expect(secret.equals(new Secret(plaintext))).toBe(true)
    expect(secret.equals(new Secret(`${plaintext}x`))).toBe(false)
    expect(secret.equals(new Secret(''))).toBe(false)
  })
})

describe('redaction', () => {
  const odd = new Secret('pä ss"wörd\\/&=x')

  it('takes out given secrets in every form that they travel in', () => {
    const text = formsOf(odd)
      .map((form) => `before ${form} after`)
      .join('\n')
    for (const form of formsOf(odd)) expect(redact(text, [odd])).not.toContain(form)
    expect(redact(text, [odd])).toContain('before [secret] after')
  })

  it.each([
    `key ${plaintext} was refused`,
    `authorization: Basic ${Buffer.from(`${plaintext}:`).toString('base64')}`,
    'authorization: Bearer CANARYtoken0123456789',
    'https://localhost/oauth/callback?code=CANARYcode&state=CANARYstate',
    'grant_type=refresh_token&refresh_token=CANARYrefresh&client_secret=CANARYclient',
    'postgres://latchwork:CANARYpassword@db.example:5432/x',
    'token lw_CANARY0123456789abcdefghij',
  ])('takes out what looks like one: %s', (text) => {
    expect(redact(text)).not.toContain('CANARY')
  })

  it('leaves other text alone', () => {
    const text = 'GET /api/credentials 200 in 12 ms; basic checks passed; see https://developer.close.com/api'
    expect(redact(text)).toBe(text)
  })
})
