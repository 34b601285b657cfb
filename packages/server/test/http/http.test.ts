import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser, Init } from '../browser.ts'
import { type Running, startRunning } from '../running.ts'

let server: Running
let person: Browser

beforeAll(async () => {
  server = await startRunning(null)
  person = await server.signedIn()
})
afterAll(() => server?.stop())

const changing = { 'x-latchwork': '1', 'content-type': 'application/json' }
const fetch = (path: string, init: Init = {}) => person.fetch(server.url + path, init)
const post = (path: string, body: string, headers: Record<string, string> = changing) =>
  fetch(path, { method: 'POST', headers, body })

describe('errors', () => {
  it.each([
    ['malformed JSON', '/api/tokens', '{"name": ', 400, 'malformed_json'],
    ['an empty body', '/api/tokens', '', 400, 'malformed_json'],
    [
      'a body over the limit',
      '/api/tokens',
      JSON.stringify({ name: 'x'.repeat(1_100_000) }),
      413,
      'body_too_large',
    ],
    ['an unknown address', '/api/nothing', '{}', 404, 'not_found'],
    ['a method that the address does not take', '/api/credentials/verify/', '{}', 404, 'not_found'],
    ['a method not taken', '/api/settings', '{}', 405, 'method_not_allowed'],
  ])('%s is a problem with a code', async (_, path, body, status, code) => {
    const answer = await post(path, body)
    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    const problem = JSON.parse(answer.body)
    expect(problem).toMatchObject({ code, status, requestId: expect.any(String) })
    expect(problem.detail.length).toBeGreaterThan(10)
  })

  it('a body that is not JSON', async () => {
    const answer = await post('/api/tokens', 'a=b', { 'x-latchwork': '1', 'content-type': 'text/xml' })
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([415, 'unsupported_media_type'])
  })

  it('names every field at fault in a sentence, and never repeats a value', async () => {
    const answer = await post(
      '/api/credentials',
      JSON.stringify({ method: 7, name: 'a\u0000b', values: { apiKey: 'secret'.repeat(4000) }, extra: 1 }),
    )
    const { code, errors } = JSON.parse(answer.body)
    expect(code).toBe('invalid_input')
    expect(errors).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ field: 'connector', message: 'Connector is required.' }),
        expect.objectContaining({ field: 'method', message: 'Method must be text.' }),
        expect.objectContaining({ field: 'name', message: 'Name may not contain control characters.' }),
        expect.objectContaining({
          field: 'values.apiKey',
          message: expect.stringContaining('at most 20000'),
        }),
        expect.objectContaining({ field: 'extra', rule: 'unknown' }),
      ]),
    )
    expect(answer.body).not.toContain('secretsecret')
  })

  it.each([
    '/api/credentials/..%2f..%2fetc',
    '/api/credentials/%00',
    '/api//credentials',
    '/%c0%ae',
    '/api/credentials;a=b',
  ])('#44 answers a strange address as unknown or faulty, never as a fault of ours: %s', async (path) => {
    const { status } = await fetch(path)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
  })

  it('tells who should sign in, before the body is looked at', async () => {
    const answer = await server.browser().fetch(`${server.url}/api/credentials`, {
      method: 'POST',
      headers: changing,
      body: '{"broken',
    })
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([401, 'not_signed_in'])
    expect(answer.headers['www-authenticate']).toContain('Bearer')
  })

  it('is what too many requests get, with how long to wait', async () => {
    const strict = await startRunning(null, { settings: { signInTries: 2 } })
    const stranger = strict.browser()
    const statuses: number[] = []
    for (let attempt = 0; attempt < 3; attempt++) {
      const answer = await stranger.fetch(`${strict.url}/api/session`, {
        method: 'POST',
        headers: changing,
        body: JSON.stringify({ email: 'nobody@hollowoak.example', password: 'x' }),
      })
      statuses.push(answer.status)
      if (answer.status === 429) {
        expect(JSON.parse(answer.body)).toMatchObject({ code: 'too_many_requests' })
        expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
      }
    }
    expect(statuses).toEqual([401, 401, 429])
    await strict.stop()
  })
})

describe('security headers', () => {
  it.each(['/api/session', '/oauth/callback', '/'])('#10 #47 #48 stand on every answer: %s', async (path) => {
    const { headers } = await fetch(path, { headers: { accept: 'text/html' } })
    const csp = String(headers['content-security-policy'])
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
    ]) {
      expect(csp).toContain(part)
    }
    expect(csp).not.toMatch(/script-src[^;]*unsafe/)
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['x-powered-by'] ?? headers['server']).toBeUndefined()
    // A browser would remember it for every program on localhost.
    expect(headers['strict-transport-security']).toBeUndefined()
    if (path !== '/') expect(headers['cache-control']).toBe('no-store')
  })

  it('say https for good where the address is a real one', async () => {
    const there = await startRunning(null, { settings: { publicUrl: 'https://latchwork.hollowoak.example' } })
    const answer = await there.browser().fetch(`${there.url}/health/live`)
    expect(answer.headers['strict-transport-security']).toMatch(/max-age=\d{7,}/)
    await there.stop()
  })

  it('let a popup that comes back from Close keep the page that opened it', async () => {
    expect((await fetch('/oauth/callback')).headers['cross-origin-opener-policy']).toBe('unsafe-none')
    expect(
      (await fetch('/oauth/done', { headers: { accept: 'text/html' } })).headers[
        'cross-origin-opener-policy'
      ],
    ).toBe('unsafe-none')
  })
})

describe('requests forged by other sites', () => {
  const body = JSON.stringify({ name: 'forged' })
  it.each([
    ['a form without our header', { 'content-type': 'application/json' }],
    ['another origin', { ...changing, origin: 'https://evil.example' }],
    ['a sandboxed frame', { ...changing, origin: 'null' }],
    ['another site by its own word', { ...changing, 'sec-fetch-site': 'cross-site' }],
    ['another subdomain', { ...changing, 'sec-fetch-site': 'same-site' }],
    ['http on our own host', { ...changing, origin: 'http://localhost:8443' }],
    ["a proxy's Basic header", { 'content-type': 'application/json', authorization: 'Basic YTpi' }],
  ])('are refused: %s', async (_, headers) => {
    const answer = await post('/api/tokens', body, headers)
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([403, 'csrf_refused'])
  })

  it('are told from our own, which has the public origin; our page at another address is told where to go', async () => {
    const own = { ...changing, 'sec-fetch-site': 'same-origin' }
    const answer = await post('/api/tokens', body, { ...own, origin: 'https://localhost:8443' })
    expect(answer.status).toBe(201)
    const elsewhere = await post('/api/tokens', body, { ...own, origin: new URL(server.url).origin })
    expect([elsewhere.status, JSON.parse(elsewhere.body)]).toEqual([
      403,
      expect.objectContaining({
        code: 'other_address',
        detail: expect.stringContaining('Open https://localhost:8443 instead.'),
      }),
    ])
  })

  it('cannot sign a person in either', async () => {
    const answer = await server.browser().fetch(`${server.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    expect(answer.status).toBe(403)
  })
})

describe('the rest of the server', () => {
  it('answers its health to anybody', async () => {
    const stranger = server.browser()
    for (const path of ['/health/live', '/health/ready']) {
      expect((await stranger.fetch(server.url + path)).body).toBe('{"status":"ok"}')
    }
  })

  it('#47 describes itself to whoever is signed in', async () => {
    expect((await server.browser().fetch(`${server.url}/api/openapi.json`)).status).toBe(401)
    const document = JSON.parse((await fetch('/api/openapi.json')).body)
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/api/session', '/api/credentials', '/api/credentials/{id}/authorize']),
    )
    const create = document.paths['/api/credentials'].post
    expect(create.operationId).toBe('credentialsCreate')
    expect(create.responses['422'].description).toContain('api_key_rejected')
    expect(document.components.schemas.CredentialCreate.properties).toHaveProperty('values')
  })

  it('drops what a response does not declare', async () => {
    const { body } = await fetch('/api/connectors')
    const { items } = JSON.parse(body)
    expect(items.map((item: { id: string }) => item.id)).toEqual(['close', 'postgres', 'files'])
  })

  it('tells the page its settings, none of them secret', async () => {
    expect(await person.client.settings.get()).toMatchObject({
      redirectUri: 'https://localhost:8443/oauth/callback',
      database: 'sqlite',
      masterKeyFingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    })
  })

  it('says so when the page has not been built', async () => {
    const answer = await fetch('/', { headers: { accept: 'text/html' } })
    expect(answer.status).toBe(503)
    expect(answer.body).toContain('npm run build:web')
  })

  it('serves the page, and its entry for every address that it routes itself', async () => {
    const folder = join(server.dataDir, 'page')
    mkdirSync(join(folder, 'assets'), { recursive: true })
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Latchwork</title>')
    writeFileSync(join(folder, 'assets/app-1a2b.js'), 'export {}')
    writeFileSync(join(folder, '.hidden'), 'x')
    const paged = await startRunning(null, { pageDir: folder })
    const visit = (path: string, accept = 'text/html') =>
      paged.browser().fetch(paged.url + path, { headers: { accept } })
    for (const path of ['/', '/flows', '/oauth/done?result=ok', '/new?step=2']) {
      const { status, body, headers } = await visit(path)
      expect([status, body]).toEqual([200, '<!doctype html><title>Latchwork</title>'])
      expect(headers['cache-control']).not.toContain('immutable')
    }
    expect((await visit('/assets/app-1a2b.js', '*/*')).headers['cache-control']).toContain('immutable')
    for (const path of ['/assets/gone.js', '/api/gone', '/.hidden', '/..%2fmaster.key']) {
      expect((await visit(path, '*/*')).status).toBeGreaterThanOrEqual(400)
    }
    await paged.stop()
  })

  it('serves the compressed copy of a file to whoever takes it', async () => {
    const folder = join(server.dataDir, 'compressed')
    mkdirSync(join(folder, 'assets'), { recursive: true })
    const script = 'export const words = "again and again"'
    writeFileSync(join(folder, 'index.html'), '<!doctype html>')
    writeFileSync(join(folder, 'assets/app-1a2b.js'), script)
    writeFileSync(join(folder, 'assets/app-1a2b.js.gz'), gzipSync(script))
    writeFileSync(join(folder, 'assets/small-3c4d.js'), script)
    const paged = await startRunning(null, { pageDir: folder })
    const visit = (path: string, encoding: string) =>
      paged.browser().fetch(paged.url + path, { headers: { accept: '*/*', 'accept-encoding': encoding } })
    const packed = await visit('/assets/app-1a2b.js', 'gzip, br')
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect(packed.headers['content-type']).toContain('javascript')
    expect(packed.headers['cache-control']).toContain('immutable')
    for (const plain of [
      await visit('/assets/app-1a2b.js', 'identity'),
      await visit('/assets/small-3c4d.js', 'gzip, br'),
    ]) {
      expect(plain.headers['content-encoding']).toBeUndefined()
      expect([plain.headers['vary'], plain.body]).toEqual(['accept-encoding', script])
    }
    await paged.stop()
  })

  it('logs a line a request, without the query', async () => {
    await fetch('/oauth/callback?code=in-the-address&state=too')
    const lines = server.log.filter((line) => line.includes('/oauth/callback'))
    expect(lines.length).toBeGreaterThan(0)
    expect(server.log.join('')).not.toContain('in-the-address')
  })
})
