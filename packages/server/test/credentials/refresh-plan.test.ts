import { newId } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import {
  afterAnswer,
  backOffMs,
  isDead,
  refreshDueMs,
  tokenState,
} from '../../src/credentials/refresh/refresh-plan.ts'

const nowMs = Date.parse('2026-11-23T12:00:00.000Z')
const marginMs = 300_000
const row = (leftMs: number | null, reasonCode: string | null = null) => ({
  status: reasonCode === null ? ('verified' as const) : ('failed' as const),
  reasonCode,
  accessTokenExpiresAt: leftMs === null ? null : nowMs + leftMs,
})

describe('the state of a token', () => {
  it.each([
    [marginMs + 1, null, 'fresh'],
    [marginMs, null, 'ageing'],
    [10_001, null, 'ageing'],
    [10_000, null, 'ending'],
    [1, null, 'ending'],
    [0, null, 'expired'],
    [-1, null, 'expired'],
    [null, null, 'expired'],
    [-1, 'grant_rejected', 'dead'],
    [-1, 'lost_rotation', 'dead'],
    [-1, 'oauth_client_rejected', 'dead'],
    [-1, 'unreachable', 'expired'],
    [20_000, 'grant_rejected', 'ageing'],
  ])('%s ms left, reason %s: %s', (leftMs, reason, state) => {
    expect(tokenState(row(leftMs, reason), nowMs, marginMs)).toBe(state)
  })

  it('is dead for a draft too, and for no other status', () => {
    expect(isDead({ status: 'draft', reasonCode: 'grant_rejected' })).toBe(true)
    expect(isDead({ status: 'draft', reasonCode: null })).toBe(false)
    expect(isDead({ status: 'unverified', reasonCode: 'grant_rejected' })).toBe(false)
  })

  it('is not dead by the reason that a saved credential was not authorized anew', () => {
    expect(isDead({ status: 'verified', reasonCode: 'oauth_client_rejected' })).toBe(false)
  })
})

describe('what follows from an answer', () => {
  const grant = {
    accessToken: 'a',
    refreshToken: 'r',
    expiresInSeconds: 3600,
    scope: null,
    organizationId: null,
  }
  const later = { kind: 'later', reached: true, notDone: true, retryAfterSeconds: null } as const
  const unreached = { ...later, reached: false } as const
  const gateway = { ...later, notDone: false } as const
  const lost = { kind: 'in_doubt', answered: false } as const
  const appRefused = { kind: 'app_refused', speaksOfApp: true } as const
  it.each([
    [{ kind: 'granted', grant } as const, false, { step: 'save' }],
    [{ kind: 'granted', grant } as const, true, { step: 'save' }],
    [{ kind: 'grant_refused' } as const, false, { step: 'fail', code: 'grant_rejected' }],
    [{ kind: 'grant_refused' } as const, true, { step: 'fail', code: 'lost_rotation' }],
    [appRefused, false, { step: 'fail', code: 'oauth_client_rejected' }],
    [appRefused, true, { step: 'fail', code: 'oauth_client_rejected' }],
    [lost, false, { step: 'retry_in_doubt' }],
    [lost, true, { step: 'fail', code: 'lost_rotation' }],
    [unreached, false, { step: 'give_up', code: 'unreachable' }],
    [unreached, true, { step: 'give_up', code: 'unreachable' }],
    [later, false, { step: 'give_up', code: 'upstream_error' }],
    [later, true, { step: 'give_up', code: 'upstream_error' }],
    [gateway, false, { step: 'give_up', code: 'upstream_error' }],
    [gateway, true, { step: 'fail', code: 'lost_rotation' }],
    [{ kind: 'refused' } as const, false, { step: 'give_up', code: 'oauth_failed' }],
    [{ kind: 'refused' } as const, true, { step: 'fail', code: 'lost_rotation' }],
  ])('%o, in doubt %s', (outcome, inDoubt, next) => {
    expect(afterAnswer(outcome, inDoubt)).toEqual(next)
  })
})

it('waits twice as long after each failure, up to a minute, and as long as the server asks', () => {
  expect([0, 1, 2, 10].map((failures) => backOffMs(failures, null, 1))).toEqual([1000, 2000, 4000, 60_000])
  expect(backOffMs(0, null, 0)).toBe(500)
  expect(backOffMs(0, 90, 0)).toBe(90_000)
})

it('refreshes 10,000 credentials that were authorized in the same minute over ten minutes, and all before the margin', () => {
  const expiresAtMs = nowMs + 3_600_000
  const perSecond = new Map<number, number>()
  for (let index = 0; index < 10_000; index++) {
    const id = newId('credential')
    const dueMs = refreshDueMs(id, expiresAtMs, marginMs)
    expect(refreshDueMs(id, expiresAtMs, marginMs)).toBe(dueMs)
    expect(dueMs).toBeLessThanOrEqual(expiresAtMs - marginMs)
    expect(dueMs).toBeGreaterThan(expiresAtMs - 3 * marginMs)
    const second = Math.floor(dueMs / 1000)
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1)
  }
  // On average 17; far more would be a heap.
  expect(Math.max(...perSecond.values())).toBeLessThan(60)
  expect(perSecond.size).toBeGreaterThan(590)
})
