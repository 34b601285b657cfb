import { describe, expect, it } from 'vitest'
import { authorizationHeader, sameAuth } from '../src/auth.ts'

describe('authorizationHeader', () => {
  it('sends an API key as the user name of Basic, without a password', () => {
    const header = authorizationHeader({ type: 'api_key', apiKey: 'api_left.right' })
    expect(Buffer.from(header.replace('Basic ', ''), 'base64').toString()).toBe('api_left.right:')
  })

  it('sends an access token as Bearer', () => {
    expect(authorizationHeader({ type: 'bearer', accessToken: 'token.1' })).toBe('Bearer token.1')
  })

  it.each(['', ' ', 'two words', 'key\r\nHost: evil.example', 'kéy', 'a:b'])(
    'refuses the key %j',
    (apiKey) => {
      expect(() => authorizationHeader({ type: 'api_key', apiKey })).toThrow(
        expect.objectContaining({ code: 'unauthorized', message: expect.not.stringContaining('evil') }),
      )
    },
  )

  it('refuses a token that could end the header', () => {
    expect(() => authorizationHeader({ type: 'bearer', accessToken: 'x\ny' })).toThrow(/access token/)
  })

  it('tells whether two are the same', () => {
    const key = { type: 'api_key', apiKey: 'api_a.b' } as const
    expect(sameAuth(key, { ...key })).toBe(true)
    expect(sameAuth(key, { type: 'bearer', accessToken: 'api_a.b' })).toBe(false)
  })
})
