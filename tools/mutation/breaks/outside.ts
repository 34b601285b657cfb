import type { Break } from '../break.ts'

export const outsideBreaks: readonly Break[] = [
  {
    requirement: 23,
    what: 'the credential is in another header too',
    file: 'transport.ts',
    find: 'authorization: authorizationHeader(auth) }',
    put: "authorization: authorizationHeader(auth), 'x-key': authorizationHeader(auth) }",
  },
  {
    requirement: 24,
    what: 'the check of certificates can be switched off',
    file: 'settings.ts',
    find: "env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0'",
    put: "env['NODE_TLS_REJECT_UNAUTHORIZED'] === 'no'",
  },
  {
    requirement: 25,
    what: 'the token endpoint may lead elsewhere',
    file: 'token-client.ts',
    find: "const redirect = 'manual'",
    put: "const redirect = 'follow'",
  },
  {
    requirement: 25,
    what: 'a path may be decoded twice',
    file: 'request.ts',
    find: '/[\\p{Cc}\\p{Cf}?#\\\\%;]/u',
    put: '/[\\p{Cc}\\p{Cf}?#\\\\]/u',
  },
  {
    requirement: 26,
    what: 'a refused request is repeated for ever',
    file: 'transport.ts',
    find: 'if (replaced && !reauthorized) {',
    put: 'if (replaced) {',
  },
  {
    requirement: 27,
    what: 'creates are repeated',
    file: 'transport.ts',
    find: 'requestOptions.repeatable ?? isRepeatable(request.method, request.path)',
    put: 'requestOptions.repeatable ?? true',
  },
  {
    requirement: 28,
    what: 'the answer of a credential has a field for its key',
    file: 'credential.ts',
    find: 'export const credentialSchema = z.object({',
    put: 'export const credentialSchema = z.object({\n  apiKey: z.string().optional(),',
  },
  {
    requirement: 46,
    what: 'a token request takes as long as it takes',
    file: 'request-limit.ts',
    find: '  }, limitMs)',
    put: '  }, limitMs * 1000)',
  },
  {
    requirement: 46,
    what: 'an answer of Close takes as long as it takes',
    file: 'exchange.ts',
    find: 'setTimeout(() => timeout.abort(), options.timeoutMs)',
    put: 'setTimeout(() => timeout.abort(), options.timeoutMs * 1000)',
  },
]
