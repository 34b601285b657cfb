import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/index.ts'
import { basic, postForm, send } from './client.ts'

const keys = '/settings/developer/api-keys/'
const apps = '/settings/developer/oauth-apps'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox({ leads: 2 })
})
afterEach(() => sandbox.close())

const open = (path: string) => send(`${sandbox.appUrl}${path}`, 'GET')
const fieldOf = (html: string, id: string) => new RegExp(`id="${id}" value="([^"]*)"`).exec(html)?.[1] ?? ''
const membershipOf = (html: string, text: string) =>
  new RegExp(`<option value="([^"]*)"[^>]*>${text}<`).exec(html)?.[1] ?? ''

describe('Settings > Developer > API Keys', () => {
  it('leads by Create New API Key and Generate to a key that is shown once and works', async () => {
    const page = await open(keys)
    expect(page.status).toBe(200)
    const [, way = ''] = /href="([^"]*)">Create New API Key</.exec(page.text) ?? []
    const form = await open(way.replaceAll('&amp;', '&'))
    expect(form.text).toContain('<label for="name">Name</label>')
    expect(form.text).toContain('>Generate</button>')

    const made = await postForm(sandbox, keys, { name: 'For <Latchwork>' })
    expect(made.status).toBe(200)
    const key = fieldOf(made.text, 'api-key')
    expect(key).toMatch(/^api_\w{22}\.\w{22}$/)
    expect(made.text).toContain('For &lt;Latchwork&gt; is made')
    expect(made.text).toContain('data-copy="api-key"')
    const me = await send(`${sandbox.apiUrl}/api/v1/me/`, 'GET', undefined, basic(key))
    expect(me.status).toBe(200)

    const later = (await open(keys)).text
    expect(later).toContain('For &lt;Latchwork&gt;')
    expect(later).not.toContain(key)
    for (const seeded of sandbox.apiKeys) expect(later).not.toContain(seeded.key)
  })

  it('makes and shows the keys of whom is signed in, and deletes only those', async () => {
    const first = (await open(keys)).text
    const beck = membershipOf(first, 'Beck Lindqvale, Beta Beverages')
    const made = await postForm(sandbox, keys, { as: beck, name: 'Beta key' })
    const key = fieldOf(made.text, 'api-key')
    const me = await send(`${sandbox.apiUrl}/api/v1/me/`, 'GET', undefined, basic(key))
    expect(me.body).toMatchObject({ first_name: 'Beck', organizations: [{ name: 'Beta Beverages' }] })
    expect((await open(keys)).text).not.toContain('Beta key')

    const id = key.split('.')[0] ?? ''
    const works = async () =>
      (await send(`${sandbox.apiUrl}/api/v1/me/`, 'GET', undefined, basic(key))).status
    await postForm(sandbox, keys, { delete: id })
    expect(await works()).toBe(200)
    const deleted = await postForm(sandbox, keys, { as: beck, delete: id })
    expect(deleted.status).toBe(302)
    expect(await works()).toBe(401)
  })

  it('asks for a name', async () => {
    const refused = await postForm(sandbox, keys, { name: ' ' })
    expect(refused.status).toBe(400)
    expect(refused.text).toContain('Name the key first.')
  })
})

describe('Settings > Developer > OAuth Apps', () => {
  it('makes an app whose secret is shown once and whose consent page opens', async () => {
    const page = await open(`${apps}?create`)
    for (const label of ['App Name', 'App Description', 'Redirect URL']) expect(page.text).toContain(label)
    const redirectUri = 'https://localhost:8443/oauth/callback'
    const typed = { name: 'Latchwork', description: 'Moves <records>', redirect_uri: redirectUri }
    const made = await postForm(sandbox, apps, typed)
    const [clientId, secret] = [fieldOf(made.text, 'client-id'), fieldOf(made.text, 'client-secret')]
    expect(made.text).toContain('data-copy="client-secret"')

    const query = new URLSearchParams({
      client_id: clientId,
      response_type: 'code',
      redirect_uri: redirectUri,
    })
    const consent = await open(`/oauth2/authorize/?${query}`)
    expect(consent.text).toContain('Allow Latchwork to use your account?')
    const code = sandbox.control.authorize({ clientId })
    const token = await postForm(sandbox, '/oauth2/token/', {
      client_id: clientId,
      client_secret: secret,
      grant_type: 'authorization_code',
      code,
    })
    expect(token.status).toBe(200)

    const later = (await open(`${apps}/`)).text
    expect(later).toContain(clientId)
    expect(later).toContain('Moves &lt;records&gt;')
    expect(later).not.toContain(secret)
  })

  it('refuses an address that is not https, and keeps what was typed', async () => {
    const refused = await postForm(sandbox, apps, { name: 'Kept', redirect_uri: 'http://localhost/callback' })
    expect(refused.status).toBe(400)
    expect(refused.text).toContain('must be a whole address that begins with https://')
    expect(refused.text).toContain('value="Kept"')
  })
})

it('lets no script run but the one that copies', async () => {
  const policy = (await open(keys)).headers.get('content-security-policy') ?? ''
  expect(policy).toMatch(/script-src 'sha256-[\w+/]+=*';/)
  const consent = (await open('/')).headers.get('content-security-policy') ?? ''
  expect(consent).toContain("script-src 'none'")
})
