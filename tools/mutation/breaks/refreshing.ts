import type { Break } from '../break.ts'

export const refreshingBreaks: readonly Break[] = [
  {
    requirement: 16,
    what: 'new tokens are saved without their end',
    file: 'refresh.ts',
    find: '          accessTokenExpiresAt: toMs(pair.accessTokenExpiresAt),\n',
    put: '',
  },
  {
    requirement: 17,
    what: 'an answer without a refresh token takes the old one away',
    file: 'token-client.ts',
    find: 'refreshToken: answer.refresh_token ?? null',
    put: "refreshToken: answer.refresh_token ?? ''",
  },
  {
    requirement: 18,
    what: 'callers of one process do not share',
    file: 'refresh.ts',
    find: 'if (shared !== undefined) return shared',
    put: 'if (shared !== undefined && insist) return shared',
  },
  {
    requirement: 18,
    what: 'any process takes the lease',
    file: 'refresh.ts',
    find: "eb('leaseExpiresAt', '<=', sql.now)",
    put: "eb('leaseOwner', 'is not', null)",
  },
  {
    requirement: 19,
    what: 'an intent is taken without a lease that still runs',
    file: 'refresh.ts',
    find: "        .where('leaseOwner', '=', owner)\n        .where('leaseExpiresAt', '>', sql.now)\n        .where('generation', '=', generation)",
    put: "        .where('generation', '=', generation)",
  },
  {
    requirement: 22,
    what: 'what Close says of waiting is not heard',
    file: 'token-client.ts',
    find: 'retryAfterSeconds: call.retryAfterSeconds() }',
    put: 'retryAfterSeconds: null }',
  },
]
