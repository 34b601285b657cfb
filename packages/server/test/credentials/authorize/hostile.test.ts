import { secretForms } from '@latchwork/contract'
import { delays, floods, type HostileHttp, lies, startHostileHttp } from 'close-sandbox/hostile'
import { describe, expect, it } from 'vitest'
import type { TokenLimits } from '../../../src/credentials/tokens/token-call.ts'
import { exchangeCode, refreshTokens, revokeGrant } from '../../../src/credentials/tokens/token-client.ts'
import { closeOAuth } from './close-oauth.ts'

/* A token endpoint as bad as a server can be: what comes of a request is one of a few words, and never throws. */
const app = { clientId: 'oa2client_one', clientSecret: 'secret/canary+4417' }
const refreshToken = 'refresh/canary+4417'
const verifier = 'v'.repeat(43)
const redirectUri = 'https://localhost:8443/oauth/callback'
const patient: TokenLimits = { timeoutMs: 20_000, answerBytes: 256 * 1024 }
const impatient: TokenLimits = { ...patient, timeoutMs: 100 }

const requests = {
  'a refresh': ({ url }: HostileHttp, limits: TokenLimits) =>
    refreshTokens(closeOAuth(url), app, refreshToken, limits),
  'an exchange': ({ url }: HostileHttp, limits: TokenLimits) => {
    const query = new URLSearchParams({ code: 'code/canary+4417', state: 'state-1' })
    return exchangeCode(closeOAuth(url), app, redirectUri, { query, state: 'state-1', verifier }, limits)
  },
  'a revocation': ({ url }: HostileHttp, limits: TokenLimits) =>
    revokeGrant(closeOAuth(url), app, refreshToken, limits),
}

function expectClean(outcome: unknown): void {
  const shown = JSON.stringify(outcome)
  expect(shown).toMatch(/^[^\p{Cc}]{5,200}$/u)
  const sent = [app.clientSecret, refreshToken, verifier, 'code/canary+4417']
  for (const form of sent.flatMap((each) => secretForms(each))) expect(shown).not.toContain(form)
}

/** By the answer: what became of a request that asks for tokens, and of one that ends a grant. */
const sides: Readonly<Record<string, readonly [tokens: object, grant: string]>> = {
  'a page of HTML': [{ kind: 'in_doubt', answered: true }, 'unclear'],
  'no UTF-8': [{ kind: 'in_doubt', answered: true }, 'unclear'],
  'control characters': [{ kind: 'refused' }, 'refused'],
  'the request said back as a success': [{ kind: 'in_doubt', answered: true }, 'unclear'],
  'the request said back as a refusal': [{ kind: 'refused' }, 'refused'],
  'the request said back as a failure': [{ kind: 'later', notDone: false, retryAfterSeconds: null }, 'later'],
  'the request said back in a header': [{ kind: 'refused' }, 'refused'],
  'the request said back without HTTP': [{ kind: 'in_doubt', answered: false }, 'later'],
  'a way elsewhere': [{ kind: 'refused' }, 'refused'],
  'nothing, and hangs up': [{ kind: 'in_doubt', answered: false }, 'later'],
}

describe.each(Object.entries(requests))('%s', (title, ask) => {
  const revokes = title === 'a revocation'

  it.each(Object.entries(floods))('#46 #56 with %s is left long before', async (_, { manner, mostBytes }) => {
    await using server = await startHostileHttp(manner)
    const outcome = await ask(server, patient)
    expectClean(outcome)
    expect(outcome).not.toEqual('ended')
    expect(server.sentBytes()).toBeLessThan(mostBytes)
    await server.left()
  })

  it.each(Object.entries(delays))(
    '#46 with %s is given up, and may have been carried out',
    async (_, manner) => {
      await using server = await startHostileHttp(manner)
      const outcome = await ask(server, impatient)
      expectClean(outcome)
      expect(revokes ? ['later', 'unclear'] : ['in_doubt']).toContain(
        typeof outcome === 'string' ? outcome : outcome.kind,
      )
      await server.left()
    },
  )

  it.each(Object.entries(lies))(
    '#25 #41 with %s is not believed, followed or repeated',
    async (what, manner) => {
      await using server = await startHostileHttp(manner)
      const outcome = await ask(server, patient)
      expectClean(outcome)
      const [tokens, grant] = sides[what] ?? []
      if (revokes) expect(outcome).toBe(grant)
      else expect(outcome).toMatchObject(tokens ?? {})
      expect(server.received).toHaveLength(1)
    },
  )
})
