import { secretForms } from '@latchwork/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redact, Secret } from '../src/index.ts'

const formsOf = (secret: Secret): string[] => secretForms(secret.reveal())

describe('#41 redaction', () => {
  const odd = 'pä ss"wörd\\/&=x'

  it('takes out given secrets in every form that they travel in', () => {
    const secret = new Secret(odd)
    const text = formsOf(secret)
      .map((form) => `before ${form} after`)
      .join('\n')
    for (const form of formsOf(secret)) expect(redact(text, [secret])).not.toContain(form)
    expect(redact(text, [secret])).toBe(formsOf(secret).fill('before [secret] after').join('\n'))
  })

  it('knows the forms: raw, in a URL, in JSON, in base64, and as a user name', () => {
    const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64')
    const forms = [
      odd,
      encodeURIComponent(odd),
      JSON.stringify(odd).slice(1, -1),
      ...[odd, `${odd}:`].flatMap((text) => [
        base64(text),
        base64(text).replaceAll('=', ''),
        Buffer.from(text, 'utf8').toString('base64url'),
      ]),
    ]
    expect(new Set(formsOf(new Secret(odd)))).toEqual(new Set(forms))
    expect(formsOf(new Secret('abcd')).sort()).toEqual(['YWJjZA', 'YWJjZA==', 'YWJjZDo', 'YWJjZDo=', 'abcd'])
    expect(formsOf(new Secret('ab=='))).toContain('ab==')
  })

  it('leaves nothing of any secret, in whatever it is written', () => {
    const longEnough = fc.string({ minLength: 6, unit: 'grapheme' }).filter((text) => text.trim().length > 5)
    fc.assert(
      fc.property(longEnough, (plaintext) => {
        const secret = new Secret(plaintext)
        const written = [
          plaintext,
          JSON.stringify({ a: plaintext }),
          Buffer.from(`${plaintext}:`).toString('base64'),
        ]
        for (const each of written) expect(redact(`<${each}>`, [secret])).toContain('[secret]')
        expect(redact(Buffer.from(plaintext).toString('base64'), [secret])).toBe('[secret]')
      }),
    )
  })

  it('takes a secret out whole where a shorter one is part of it', () => {
    const text = 'short and short-and-long'
    const secrets = [new Secret('short'), new Secret('short-and-long'), new Secret('and-long')]
    expect(redact(text, secrets)).toBe('[secret] and [secret]')
    expect(redact(text, secrets.reverse())).toBe('[secret] and [secret]')
  })

  it('leaves alone what is too short to be told from other text', () => {
    expect(redact('abc abcd', [new Secret('abc'), new Secret('')])).toBe('abc abcd')
    expect(redact('abc abcd', [new Secret('abcd')])).toBe('abc [secret]')
  })

  it.each([
    ['key api_0123456789.abcdefghij, refused', 'key [secret], refused'],
    ['key api_0123456789AZaz.ABCDEfghij99 was', 'key [secret] was'],
    ['lw_0123456789_-ABCdefgh.', '[secret].'],
    ['file: lw-key-1:AZaz09+/_=- # mine', 'file: [secret] # mine'],
    ['authorization: Basic AZaz09+/=_.~-', 'authorization: [secret]'],
    ['authorization: bearer   12345678, next', 'authorization: [secret], next'],
    ['?code=one&state=two&more=3', '?[secret]&[secret]&more=3'],
    [
      'refresh_token=one access_token="two" client_secret=\'x',
      '[secret] access_token="two" client_secret=\'x',
    ],
    ['ACCESS_TOKEN=one, Password=two;', '[secret] [secret]'],
    ['token=one\nclient_secret=two', '[secret]\n[secret]'],
    ['postgres://latchwork:pass-word@db.example:5432/x', 'postgres://latchwork:[secret]@db.example:5432/x'],
    ['redis://:pw@host', 'redis://:[secret]@host'],
  ])('takes out what looks like one: %s', (text, clean) => {
    expect(redact(text)).toBe(clean)
  })

  it.each([
    'GET /api/credentials 200 in 12 ms; basic checks passed; see https://developer.close.com/api',
    'api_012345678.abcdefghij',
    'api_0123456789.abcdefghi',
    'api_0123456789-abcdefghij',
    'lw_0123456789012345678',
    'Bearer 1234567',
    'Basic: 12345678',
    'code= and state: two',
    'https://user@host.example/path',
    'https://host.example:8443/oauth/callback',
    'https://host.example/a:b@c',
    'one two:three@four',
    'lw-key-1: none',
  ])('leaves other text alone: %s', (text) => {
    expect(redact(text)).toBe(text)
  })
})
