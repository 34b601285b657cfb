import { describe, expect, it } from 'vitest'
import { outcomeFromChange, outcomeReason } from '../src/credentials/outcome.ts'

const at = '2026-03-01T12:00:00.000Z'
const later = '2026-03-01T12:00:05.000Z'

const draft = {
  reason: { code: 'oauth_pending', message: 'Waiting.' },
  secretsSet: ['clientSecret'],
  accessTokenExpiresAt: null,
  updatedAt: at,
}
const authorized = {
  reason: null,
  secretsSet: ['clientSecret', 'accessToken', 'refreshToken'],
  accessTokenExpiresAt: '2026-03-01T13:00:00.000Z',
  updatedAt: later,
}

describe('outcomeFromChange', () => {
  it('waits while nothing has happened', () => {
    expect(outcomeFromChange(draft, draft)).toBeNull()
    expect(outcomeFromChange(authorized, authorized)).toBeNull()
  })

  it('sees that access was granted, the first time and again', () => {
    expect(outcomeFromChange(draft, authorized)).toBe('ok')
    const again = { ...authorized, accessTokenExpiresAt: '2026-03-01T13:30:00.000Z' }
    expect(outcomeFromChange(authorized, again)).toBe('ok')
  })

  it('sees what went wrong', () => {
    const declined = { ...draft, reason: { code: 'oauth_declined', message: 'Declined.' }, updatedAt: later }
    expect(outcomeFromChange(draft, declined)).toBe('oauth_declined')
  })

  it('does not take an old reason for a new one', () => {
    const failed = { ...authorized, reason: { code: 'grant_rejected', message: 'Dead.' } }
    expect(outcomeFromChange(failed, failed)).toBeNull()
  })
})

describe('outcomeReason', () => {
  it('prefers the words that the server kept', () => {
    const reason = { code: 'identity_changed', message: 'This belongs to Beta, but was made for Acme.' }
    expect(outcomeReason('identity_changed', { ...draft, reason })).toEqual(reason)
  })

  it('falls back to the catalogue, for codes that it does not know too', () => {
    expect(outcomeReason('oauth_declined', null)?.message).toMatch(/declined/)
    expect(outcomeReason('<script>', null)).toEqual({
      code: '<script>',
      message: expect.stringMatching(/Authorize again/),
    })
    expect(outcomeReason('ok', draft)).toBeNull()
  })
})
