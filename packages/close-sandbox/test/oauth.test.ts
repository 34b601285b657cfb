import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/index.ts'
import { type Answer, basic, bearer, clientForm, postForm, send } from './client.ts'

const REDIRECT = 'https://connector.example/oauth/callback'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox({ leads: 2, redirectUris: [REDIRECT], oauthAppName: 'My <Connector>' })
})
afterEach(() => sandbox.close())

function authorizeUrl(changes: Record<string, string> = {}): string {
  const params = new URLSearchParams({
    client_id: clientForm(sandbox).client_id,
    response_type: 'code',
    redirect_uri: REDIRECT,
    state: 'state with / and &',
    ...changes,
  })
  return `${sandbox.appUrl}/oauth2/authorize/?${params}`
}

/** The fields of the consent page's form (the second one), as a browser without JavaScript would send them. */
function formFields(html: string): Record<string, string> {
  const form = html.split('<form ').at(-1) ?? ''
  const fields: Record<string, string> = {}
  for (const [tag] of form.matchAll(/<input[^>]*>/g)) {
    const attribute = (name: string) =>
      new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&amp;', '&')
    if (attribute('type') === 'radio' && !tag.includes(' checked')) continue
    fields[attribute('name') ?? ''] = attribute('value') ?? ''
  }
  return fields
}

async function decide(
  decision: string,
  changes: Record<string, string> = {},
  url = authorizeUrl(),
): Promise<URL> {
  const page = await send(url, 'GET')
  const answer = await postForm(sandbox, '/oauth2/authorize/', {
    ...formFields(page.text),
    ...changes,
    decision,
  })
  expect(answer.status).toBe(302)
  return new URL(answer.headers.get('location') ?? '')
}

function exchange(code: string | null, more: Record<string, string> = {}): Promise<Answer> {
  const form = { ...clientForm(sandbox), grant_type: 'authorization_code', code: code ?? '', ...more }
  return postForm(sandbox, '/oauth2/token/', form)
}

describe('consent page', () => {
  it('shows the application, the signed-in user and their organizations, safely', async () => {
    const { text, status, headers } = await send(authorizeUrl(), 'GET')
    expect(status).toBe(200)
    expect(text).toContain('My &lt;Connector&gt;')
    expect(text).not.toContain('<Connector>')
    expect(text).toContain('Acme Rocketry')
    expect(text).toContain('Beta Beverages')
    expect(text).toContain('orla@acme-rocketry.example')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  it('switches the user, and with the user the organizations', async () => {
    const beck = sandbox.users.find(({ firstName }) => firstName === 'Beck')
    const { text } = await send(authorizeUrl({ user_id: beck?.id ?? '' }), 'GET')
    const form = text.split('<form ').at(-1)
    expect(form).toContain('Beta Beverages')
    expect(form).not.toContain('Acme Rocketry')
    const back = await decide('allow', {}, authorizeUrl({ user_id: beck?.id ?? '' }))
    expect((await exchange(back.searchParams.get('code'))).body).toMatchObject({
      user_id: beck?.id,
      organization_id: sandbox.organizations[1]?.id,
    })
  })

  it('sends the code and the state back, for the chosen organization', async () => {
    const organizationId = sandbox.organizations[1]?.id ?? ''
    const back = await decide('allow', { organization_id: organizationId })
    expect(`${back.origin}${back.pathname}`).toBe(REDIRECT)
    expect(back.searchParams.get('state')).toBe('state with / and &')
    const tokens = await exchange(back.searchParams.get('code'))
    expect(tokens.status).toBe(200)
    expect(tokens.body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'all.full_access offline_access',
      organization_id: organizationId,
      user_id: sandbox.users[0]?.id,
    })
    expect(tokens.headers.get('cache-control')).toBe('no-store')
  })

  it('tells the application when the person declines', async () => {
    const back = await decide('decline')
    expect(back.searchParams.get('error')).toBe('access_denied')
    expect(back.searchParams.get('state')).toBe('state with / and &')
    expect(back.searchParams.has('code')).toBe(false)
  })

  it.each([
    ['a foreign address', { redirect_uri: 'https://evil.example/' }],
    ['a longer address', { redirect_uri: `${REDIRECT}/more` }],
    ['an address with a query', { redirect_uri: `${REDIRECT}?x=1` }],
    ['an unknown application', { client_id: 'oa2client_unknown' }],
  ])('redirects nowhere for %s', async (_what, changes) => {
    const answer = await send(authorizeUrl(changes), 'GET')
    expect(answer.status).toBe(400)
    expect(answer.headers.get('location')).toBeNull()
    expect(answer.text).toContain('role="alert"')
  })

  it('gives no code for an organization to which the user does not belong', async () => {
    const page = await send(authorizeUrl(), 'GET')
    const form = { ...formFields(page.text), organization_id: 'orga_unknown', decision: 'allow' }
    const answer = await postForm(sandbox, '/oauth2/authorize/', form)
    expect(answer.status).toBe(400)
    expect(answer.headers.get('location')).toBeNull()
  })

  it('reports a wrong response type to the application', async () => {
    const answer = await send(authorizeUrl({ response_type: 'token' }), 'GET')
    expect(answer.status).toBe(302)
    expect(answer.headers.get('location')).toContain('error=unsupported_response_type')
  })

  it('takes https redirect addresses only', () => {
    const { client_id } = clientForm(sandbox)
    expect(() => sandbox.control.registerRedirectUri(client_id, 'http://localhost/cb')).toThrow('https')
    sandbox.control.registerRedirectUri(client_id, 'https://localhost:9443/cb')
    expect(sandbox.oauthApps[0]?.redirectUris).toContain('https://localhost:9443/cb')
  })
})

describe('code exchange', () => {
  it('takes a code once; a second use ends the grant', async () => {
    const back = await decide('allow')
    const code = back.searchParams.get('code')
    const first = await exchange(code)
    const second = await exchange(code)
    expect(second.status).toBe(400)
    expect(second.body['error']).toBe('invalid_grant')
    const me = await send(
      `${sandbox.apiUrl}/api/v1/me/`,
      'GET',
      undefined,
      bearer(String(first.body['access_token'])),
    )
    expect(me.status).toBe(401)
  })

  it('refuses an expired or unknown code', async () => {
    const back = await decide('allow')
    sandbox.control.advanceClock(61_000)
    expect((await exchange(back.searchParams.get('code'))).body['error']).toBe('invalid_grant')
    expect((await exchange('unknown')).body['error']).toBe('invalid_grant')
  })

  it('checks PKCE when it was sent', async () => {
    const verifier = 'v'.repeat(50)
    const code_challenge = createHash('sha256').update(verifier).digest('base64url')
    const url = authorizeUrl({ code_challenge, code_challenge_method: 'S256' })
    const code = (await decide('allow', {}, url)).searchParams.get('code')
    expect((await exchange(code)).body['error']).toBe('invalid_grant')
    expect((await exchange(code, { code_verifier: 'w'.repeat(50) })).body['error']).toBe('invalid_grant')
    expect((await exchange(code, { code_verifier: verifier })).status).toBe(200)
    const plain = await send(
      authorizeUrl({ code_challenge: verifier, code_challenge_method: 'plain' }),
      'GET',
    )
    expect(plain.headers.get('location')).toContain('error=invalid_request')
  })

  it('checks a redirect_uri that is sent', async () => {
    const code = (await decide('allow')).searchParams.get('code')
    expect((await exchange(code, { redirect_uri: 'https://other.example/' })).body['error']).toBe(
      'invalid_grant',
    )
    expect((await exchange(code, { redirect_uri: REDIRECT })).status).toBe(200)
  })

  it('refuses a wrong secret with 401, and takes Basic client authentication', async () => {
    const code = (await decide('allow')).searchParams.get('code') ?? ''
    const wrong = await exchange(code, { client_secret: 'wrong' })
    expect(wrong.status).toBe(401)
    expect(wrong.body['error']).toBe('invalid_client')
    const { client_id, client_secret } = clientForm(sandbox)
    const form = { grant_type: 'authorization_code', code }
    expect((await postForm(sandbox, '/oauth2/token/', form, basic(client_id, client_secret))).status).toBe(
      200,
    )
  })

  it('answers malformed requests as RFC 6749 says', async () => {
    const form = clientForm(sandbox)
    expect((await postForm(sandbox, '/oauth2/token/', form)).body['error']).toBe('invalid_request')
    const password = await postForm(sandbox, '/oauth2/token/', { ...form, grant_type: 'password' })
    expect(password.body['error']).toBe('unsupported_grant_type')
    const asJson = await send(`${sandbox.apiUrl}/oauth2/token/`, 'POST', form, {
      'content-type': 'application/json',
    })
    expect(asJson.status).toBe(415)
    expect((await send(`${sandbox.apiUrl}/oauth2/token/`, 'GET')).status).toBe(405)
  })

  it('describes itself', async () => {
    const { body } = await send(`${sandbox.apiUrl}/.well-known/oauth-authorization-server`, 'GET')
    expect(body).toMatchObject({ issuer: sandbox.apiUrl, code_challenge_methods_supported: ['S256'] })
  })
})
