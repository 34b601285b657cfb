import { describe, expect, it } from 'vitest'
import { awayOf, LatchworkError } from '../src/index.ts'

const systemError = (code: string): Error => Object.assign(new Error(code), { code })

describe('whether an error passes by itself', () => {
  it.each(['unreachable', 'upstream_error', 'upstream_rate_limited', 'storage_unavailable'] as const)(
    '%s does',
    (code) => expect(awayOf(new LatchworkError(code))).toEqual({ retryAfterMs: null }),
  )

  it.each([
    'upstream_refused',
    'account_refused',
    'api_key_rejected',
    'mapping_invalid',
    'internal',
  ] as const)('%s does not', (code) => expect(awayOf(new LatchworkError(code))).toBeNull())

  it('says until when to wait, in whole milliseconds that are not too few', () => {
    const error = new LatchworkError('upstream_rate_limited', { retryAfterSeconds: 2.0001 })
    expect(awayOf(error)).toEqual({ retryAfterMs: 2001 })
  })

  it.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'EAI_AGAIN',
    'ENOTFOUND',
    'ETIMEDOUT',
    'ENOSPC',
    'EDQUOT',
    'EMFILE',
  ])('an error of the system with %s does, also as the cause of another', (code) => {
    const error = systemError(code)
    expect(awayOf(error)).toEqual({ retryAfterMs: null })
    expect(awayOf(new TypeError('fetch failed', { cause: error }))).toEqual({ retryAfterMs: null })
  })

  it('is decided by the outermost code of the catalogue, whatever caused it', () => {
    const cause = systemError('ECONNRESET')
    expect(awayOf(new LatchworkError('mapping_invalid', { cause }))).toBeNull()
    expect(awayOf(new Error('not saved', { cause: new LatchworkError('storage_unavailable') }))).toEqual({
      retryAfterMs: null,
    })
  })

  it.each([systemError('ENOENT'), systemError('EACCES'), new Error('?'), null, undefined, 'ENOSPC'])(
    'anything else does not: %s',
    (error) => expect(awayOf(error)).toBeNull(),
  )
})
