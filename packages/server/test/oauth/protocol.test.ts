import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type Browser, location } from '../browser.ts'
import { publicUrl, type Running, startRunning } from '../running.ts'
import { StrictClose } from './strict-close.ts'
import { oddities } from './token-server.ts'

const close = new StrictClose()
let server: Running
let person: Browser
beforeAll(async () => {
  const url = await close.listen()
  server = await startRunning(null, { settings: { closeApiUrl: url, closeAppUrl: url } })
  person = await server.signedIn()
})
afterAll(async () => {
  await server?.stop()
  close.close()
})
beforeEach(() => {
  close.received.length = 0
  close.faults.length = 0
  close.checksChallenge = true
  close.reshape = (answer) => answer
  close.refusal = null
})

async function begin(scope = ''): Promise<{ id: string; url: URL }> {
  const values = { clientId: 'oa2client_1', clientSecret: 'the-client-secret', scope }
  const { id } = await person.client.credentials.create({
    body: { connector: 'close', method: 'oauth2', draft: true, values },
  })
  const { authorizeUrl } = await person.client.credentials.authorize({
    params: { id },
    body: { display: 'popup' },
  })
  return { id, url: new URL(authorizeUrl) }
}
const resultOf = (answer: Answer) => new URL(location(answer), publicUrl).searchParams.get('result')
const get = (id: string) => person.client.credentials.get({ params: { id } })

describe('PKCE', () => {
  it('#2 #50 goes with each authorization: S256 of 32 random bytes, another one each time', async () => {
    const seen = new Set<string | null>()
    for (let count = 0; count < 3; count++) {
      const { url } = await begin()
      expect(url.searchParams.get('response_type')).toBe('code')
      expect(url.searchParams.get('code_challenge_method')).toBe('S256')
      expect(resultOf(await person.fetch(close.consent(url.href)))).toBe('ok')
      seen.add(url.searchParams.get('code_challenge'))
    }
    const verifiers = close.tokenRequests().map((form) => form.get('code_verifier') ?? '')
    for (const verifier of verifiers) expect(Buffer.from(verifier, 'base64url')).toHaveLength(32)
    expect([new Set(verifiers).size, seen.size]).toEqual([3, 3])
    expect(close.faults).toEqual([])
  })

  it('#2 #50 that Close refuses ends the authorization: nothing is tried without it', async () => {
    const { id, url } = await begin()
    const state = url.searchParams.get('state') ?? ''
    const query = new URLSearchParams({
      state,
      error: 'invalid_request',
      error_description: 'code_challenge_method S256 is not supported',
    })
    const answer = await person.fetch(`${publicUrl}/oauth/callback?${query}`)
    expect(resultOf(answer)).toBe('oauth_failed')
    expect(location(answer)).toMatch(/^\/oauth\/done\?/)
    expect(close.received).toEqual([])
    expect((await get(id)).secretsSet).toEqual(['clientSecret'])
    // And a wrong challenge at the token endpoint is asked about once.
    const other = await begin()
    const altered = new URL(other.url)
    altered.searchParams.set('code_challenge', 'x'.repeat(43))
    expect(resultOf(await person.fetch(close.consent(altered.href)))).toBe('oauth_code_rejected')
    expect(close.tokenRequests()).toHaveLength(1)
  })

  it('#3 may be ignored by Close: the state alone still lets no other answer in', async () => {
    close.checksChallenge = false
    const { id, url } = await begin()
    const callback = close.consent(url.href)
    const refused = 'oauth_state_unknown'
    const foreign = new URL(callback)
    foreign.searchParams.set('state', 'x'.repeat(43))
    expect(resultOf(await person.fetch(foreign.href))).toBe(refused)
    expect(resultOf(await (await server.signedIn()).fetch(callback))).toBe(refused)
    expect(close.tokenRequests()).toEqual([])
    // Nor has another browser anything of it that has a cookie of its own, from an authorization of its own.
    const other = await server.signedIn()
    const theirs = await other.client.credentials.authorize({ params: { id }, body: { display: 'popup' } })
    const mine = await person.client.credentials.authorize({ params: { id }, body: { display: 'popup' } })
    expect(resultOf(await other.fetch(close.consent(mine.authorizeUrl)))).toBe(refused)
    expect(close.tokenRequests()).toEqual([])
    expect(resultOf(await other.fetch(close.consent(theirs.authorizeUrl)))).toBe('ok')
    expect(close.tokenRequests()).toHaveLength(1)

    // Even the refused attempt of another browser has spent the state.
    expect(resultOf(await person.fetch(callback))).toBe(refused)
    const again = await person.client.credentials.authorize({ params: { id }, body: { display: 'popup' } })
    const good = close.consent(again.authorizeUrl)
    expect(resultOf(await person.fetch(good))).toBe('ok')
    expect(resultOf(await person.fetch(good))).toBe(refused)
    expect(close.tokenRequests()).toHaveLength(2)
  })
})

describe('the token request', () => {
  it('#7 #50 repeats the redirect URI of the authorization to the letter', async () => {
    const { url } = await begin()
    expect(resultOf(await person.fetch(close.consent(url.href)))).toBe('ok')
    const [form] = close.tokenRequests()
    expect(form?.get('redirect_uri')).toBe(url.searchParams.get('redirect_uri'))
    expect(form?.get('redirect_uri')).toBe(`${publicUrl}/oauth/callback`)
    expect(form?.getAll('redirect_uri')).toHaveLength(1)
    expect(close.faults).toEqual([])
  })
})

describe('the token answer', () => {
  it('#14 may lack a lifetime and have more than is known; without a usable token nothing is kept', async () => {
    close.reshape = ({ expires_in: _, ...answer }) => ({ ...answer, token_type: 'bEaReR', novelty: [1] })
    const { id, url } = await begin()
    expect(resultOf(await person.fetch(close.consent(url.href)))).toBe('ok')
    const expiresMs = Date.parse((await get(id)).accessTokenExpiresAt ?? '') - Date.now()
    // Half of what Close says otherwise: refreshed early rather than late.
    expect(expiresMs).toBeGreaterThan(25 * 60_000)
    expect(expiresMs).toBeLessThanOrEqual(30 * 60_000)
    for (const change of [{ access_token: '' }, { access_token: 1 }]) {
      close.reshape = (answer) => ({ ...answer, ...change })
      const bad = await begin()
      expect(resultOf(await person.fetch(close.consent(bad.url.href)))).toBe('oauth_failed')
      expect((await get(bad.id)).secretsSet).toEqual(['clientSecret'])
    }
  })

  it.each(oddities)('#14 with %s completes the first sign-in', async (_, changes) => {
    close.reshape = (answer) => ({ ...answer, ...changes })
    const { id, url } = await begin()
    expect(resultOf(await person.fetch(close.consent(url.href)))).toBe('ok')
    expect((await get(id)).secretsSet).toEqual(['clientSecret', 'accessToken', 'refreshToken'])
  })

  it('#15 is judged by its code, whatever it says beside', async () => {
    for (const [error, result] of [
      ['invalid_grant', 'oauth_code_rejected'],
      ['invalid_client', 'oauth_client_rejected'],
      ['teapot', 'oauth_failed'],
    ]) {
      for (const error_description of [
        'invalid_grant',
        'invalid_client',
        'try again later',
        '<b>',
        undefined,
      ]) {
        close.refusal = { error, error_description }
        const { url } = await begin()
        expect(resultOf(await person.fetch(close.consent(url.href)))).toBe(result)
      }
    }
  })

  it('#17 without a new refresh token leaves the old one in force', async () => {
    const { id, url } = await begin()
    const params = { id }
    expect(resultOf(await person.fetch(close.consent(url.href)))).toBe('ok')
    await person.client.credentials.save({ params, body: { name: 'Not rotating' } })
    close.reshape = ({ refresh_token: _, ...answer }) => answer
    for (let count = 0; count < 3; count++) {
      const { tables } = server.app.stores.database
      const ended = { accessTokenExpiresAt: Date.now() - 1 }
      await tables.updateTable('credentials').set(ended).where('id', '=', id).execute()
      expect(await person.client.credentials.check({ params })).toMatchObject({ status: 'verified' })
    }
    const [first, ...refreshes] = close.tokenRequests()
    expect(first?.get('grant_type')).toBe('authorization_code')
    const spent = refreshes.map((form) => form.get('refresh_token'))
    expect(spent).toHaveLength(3)
    expect([...new Set(spent)]).toEqual([expect.stringMatching(/^refresh-\d+$/)])
  })
})

describe('the callback', () => {
  it('#10 #12 leaves at once: a 303 to a page of ours without the code, that tells nobody and is kept nowhere', async () => {
    const { url } = await begin()
    const callback = close.consent(url.href)
    const spent = await person.fetch(callback)
    for (const answer of [
      spent,
      await person.fetch(callback),
      await person.fetch(`${publicUrl}/oauth/callback`),
    ]) {
      expect(answer.status).toBe(303)
      expect(location(answer)).toMatch(/^\/oauth\/done\?/)
      expect(location(answer)).not.toMatch(/code|state=/)
      expect(answer.headers['referrer-policy']).toBe('no-referrer')
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
      expect(answer.body).toBe('')
    }
  })

  it.each(['POST', 'PUT', 'DELETE'])(
    '#12 answers no form: %s is not taken, and never sent on',
    async (method) => {
      const { url } = await begin()
      const callback = new URL(close.consent(url.href))
      const answer = await person.fetch(callback.origin + callback.pathname, {
        method,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: callback.search.slice(1),
      })
      expect([400, 404, 405]).toContain(answer.status)
      expect(answer.headers['location']).toBeUndefined()
      expect(close.tokenRequests()).toEqual([])
      expect(resultOf(await person.fetch(callback.href))).toBe('ok')
    },
  )

  it('#4 accepts an issuer that is Close, and no other, before anything is sent', async () => {
    const issuer = server.settings.closeApiUrl
    const others = ['https://evil.example', `${issuer}/`, issuer.toUpperCase(), `${issuer}.evil.example`]
    for (const iss of [...others.map((other) => [other]), [issuer, 'https://evil.example']]) {
      const { url } = await begin()
      const query = iss.map((each) => `iss=${encodeURIComponent(each)}`).join('&')
      expect(resultOf(await person.fetch(`${close.consent(url.href)}&${query}`)), `${iss}`).toBe(
        'oauth_failed',
      )
    }
    expect(close.received).toEqual([])
    const { url } = await begin()
    const callback = `${close.consent(url.href)}&${new URLSearchParams({ iss: issuer })}`
    expect(resultOf(await person.fetch(callback))).toBe('ok')
  })

  it.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "javascript:alert('x')",
    '%3Cscript%3E',
    '\r\nset-cookie: a=b',
    `${'A'.repeat(2000)}`,
    '\u202eevil',
  ])('#9 says nothing of what came with an error: %j', async (text) => {
    for (const error of ['access_denied', 'server_error', 'made_up', text]) {
      const { id, url } = await begin()
      const state = url.searchParams.get('state') ?? ''
      const query = new URLSearchParams({
        state,
        error,
        error_description: text,
        error_uri: `https://${text}`,
      })
      const answer = await person.fetch(`${publicUrl}/oauth/callback?${query}`)
      expect(location(answer)).toBe(
        `/oauth/done?credential=${id}&result=${error === 'access_denied' ? 'oauth_declined' : 'oauth_failed'}`,
      )
      expect(Object.keys(answer.headers)).not.toContain('set-cookie')
      expect(JSON.stringify(await get(id))).not.toContain(text)
    }
    expect(server.log.join('')).not.toContain('alert(')
    expect(close.received).toEqual([])
  })
})

describe('the scope', () => {
  it('#29 is asked for as it was filled in and not wider; what was granted stands beside it', async () => {
    const bare = await begin()
    expect(bare.url.searchParams.has('scope')).toBe(false)
    const { id, url } = await begin('all.full_access offline_access')
    expect(url.searchParams.get('scope')).toBe('all.full_access offline_access')
    close.reshape = (answer) => ({ ...answer, scope: 'all.full_access' })
    expect(resultOf(await person.fetch(close.consent(url.href)))).toBe('ok')
    expect(await get(id)).toMatchObject({
      values: { scope: 'all.full_access offline_access' },
      grantedScope: 'all.full_access',
    })
  })
})
