import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Init } from '../browser.ts'
import { type Running, startRunning } from '../running.ts'

let server: Running
beforeAll(async () => {
  const first = await startRunning(null)
  const pageDir = join(first.dataDir, 'page')
  await first.stop()
  mkdirSync(join(pageDir, 'assets'), { recursive: true })
  writeFileSync(join(pageDir, 'index.html'), '<!doctype html><title>Latchwork</title>')
  writeFileSync(join(pageDir, 'assets/app-1a2b.js'), 'export {}')
  server = await startRunning(null, { pageDir, timeouts: { headersMs: 2000, requestMs: 2000 } })
})
afterAll(() => server?.stop())

/** Sends bytes as they are; answers all that comes until the server closes the connection. */
async function send(bytes: string): Promise<{ status: number; head: string; body: string }> {
  const port = Number(new URL(server.url).port)
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false })
  socket.on('error', () => undefined) // a reset after the answer
  socket.write(bytes)
  const answer = await readText(socket)
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), head, body }
}

function expectProblem(status: number, type: string, body: string): string {
  expect(type).toMatch(/application\/problem\+json/)
  const problem = JSON.parse(body)
  expect(problem).toMatchObject({
    type: 'about:blank',
    status,
    title: expect.any(String),
    detail: expect.any(String),
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
  expect(body).not.toMatch(/FST_|HPE_|fastify|node_modules|statusCode/)
  return problem.code
}

describe('#47 what is no good HTTP is answered by a problem', () => {
  const host = 'host: localhost\r\nconnection: close\r\n'
  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400, 'malformed_request'],
    ['an unknown version', `GET / HTTP/7.9\r\n${host}\r\n`, 400, 'malformed_request'],
    ['the beginning of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'malformed_request'],
    ['an unknown method', `FETCH / HTTP/1.1\r\n${host}\r\n`, 400, 'malformed_request'],
    ['a NUL in a header', `GET / HTTP/1.1\r\n${host}x: a\0b\r\n\r\n`, 400, 'malformed_request'],
    ['a header without a name', `GET / HTTP/1.1\r\n${host}: b\r\n\r\n`, 400, 'malformed_request'],
    ['no host', 'GET /api/session HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'malformed_request'],
    [
      'two lengths',
      `POST /api/session HTTP/1.1\r\n${host}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`,
      400,
      'malformed_request',
    ],
    ['headers without end', `GET / HTTP/1.1\r\n${host}x: ${'y'.repeat(70_000)}`, 431, 'headers_too_large'],
    ['a long address', `GET /${'y'.repeat(70_000)} HTTP/1.1\r\n`, 431, 'headers_too_large'],
    [
      'a chunk that is none',
      `POST /api/session HTTP/1.1\r\n${host}x-latchwork: 1\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n`,
      400,
      'malformed_request',
    ],
    ['an expectation', `POST / HTTP/1.1\r\n${host}expect: tea\r\n\r\n`, 417, 'expectation_failed'],
    ['half a request', 'GET / HTTP/1.1\r\nhost: localhost\r\n', 408, 'request_timeout'],
    ['a whole address', `GET http://localhost/api/session HTTP/1.1\r\n${host}\r\n`, 404, 'not_found'],
    ['a star', `OPTIONS * HTTP/1.1\r\n${host}\r\n`, 404, 'not_found'],
  ])('%s', async (_, bytes, status, code) => {
    const answer = await send(bytes)
    expect([answer.status, answer.head.slice(0, 200)]).toEqual([status, expect.any(String)])
    expect(expectProblem(status, answer.head, answer.body)).toBe(code)
  })
})

describe('#47 what is no good request is answered by a problem', () => {
  const json = { 'x-latchwork': '1', 'content-type': 'application/json' }
  it.each<[string, string, Init, number, string]>([
    ['a faulty escape', '/%zz', {}, 400, 'invalid_input'],
    ['half an escape below /api', '/api/%', {}, 400, 'invalid_input'],
    ['no UTF-8', '/api/credentials/%ff', {}, 400, 'invalid_input'],
    ['no UTF-8 in a file of the page', '/assets/%ff', {}, 400, 'invalid_input'],
    ['a NUL in a file of the page', '/assets/%00', {}, 400, 'invalid_input'],
    ['a file of the page that is not there', '/assets/gone.js', {}, 404, 'not_found'],
    ['a hidden file', '/.hidden', {}, 404, 'not_found'],
    ['a way out of the page', '/..%2f..%2fmaster.key', {}, 404, 'not_found'],
    ['a folder of the page', '/assets/', {}, 404, 'not_found'],
    ['a long name', `/api/credentials/${'x'.repeat(400)}`, {}, 404, 'not_found'],
    ['an unknown address', '/api/nothing', {}, 404, 'not_found'],
    [
      'a method of the page',
      '/assets/app-1a2b.js',
      { method: 'POST', headers: json, body: '{}' },
      404,
      'not_found',
    ],
    ['a method not taken', '/api/session', { method: 'OPTIONS' }, 405, 'method_not_allowed'],
    ['TRACE', '/health/live', { method: 'TRACE' }, 405, 'method_not_allowed'],
    ['a method of WebDAV', '/health/live', { method: 'PROPFIND' }, 405, 'method_not_allowed'],
    ['no JSON', '/api/session', { method: 'POST', headers: json, body: '{' }, 400, 'malformed_json'],
    [
      'another type',
      '/api/session',
      { method: 'POST', headers: { 'x-latchwork': '1', 'content-type': 'text/xml' }, body: '<a/>' },
      415,
      'unsupported_media_type',
    ],
    [
      'a type that is none',
      '/api/session',
      { method: 'POST', headers: { 'x-latchwork': '1', 'content-type': '///' }, body: '{}' },
      415,
      'unsupported_media_type',
    ],
    [
      'a body over the limit',
      '/api/session',
      { method: 'POST', headers: json, body: `"${'x'.repeat(1_100_000)}"` },
      413,
      'body_too_large',
    ],
    [
      'a precondition',
      '/assets/app-1a2b.js',
      { headers: { 'if-match': '"none"' } },
      400,
      'malformed_request',
    ],
    [
      'a signed cookie that is none',
      '/api/tokens',
      { headers: { cookie: '__Host-latchwork=%zz' } },
      401,
      'not_signed_in',
    ],
  ])('%s', async (_, path, init, status, code) => {
    const answer = await server.browser().fetch(server.url + path, init)
    expect([answer.status, answer.body.slice(0, 200)]).toEqual([status, expect.any(String)])
    expect(expectProblem(status, String(answer.headers['content-type']), answer.body)).toBe(code)
  })

  it('which has no body for HEAD', async () => {
    const { status, headers, body } = await server
      .browser()
      .fetch(`${server.url}/api/tokens`, { method: 'HEAD' })
    expect([status, headers['content-type'], body]).toEqual([401, expect.stringMatching('problem'), ''])
  })

  it('with a part of a file that is none as with the whole file', async () => {
    const answer = await server
      .browser()
      .fetch(`${server.url}/assets/app-1a2b.js`, { headers: { range: 'bytes=900-' } })
    expect([answer.status, answer.body]).toEqual([200, 'export {}'])
  })
})

describe('whoever is not signed in', () => {
  it.each<[string, string, Init]>([
    ['without our header', '/api/tokens', { headers: { 'content-type': 'application/json' }, body: '{}' }],
    ['from another site', '/api/tokens', { headers: { origin: 'https://evil.example' }, body: '{}' }],
    ['with another type', '/api/tokens', { headers: { 'content-type': 'text/xml' }, body: '<a/>' }],
    ['with no body', '/api/tokens', {}],
    ['with a NUL in the address', '/api/credentials/%00/check', {}],
    ['at what is beside the contract', '/api/backup', { body: 'x' }],
    ['at an upload', '/api/files/a.csv', { method: 'PUT', body: 'a,b' }],
    ['at an address that does not exist', '/api/nothing', { body: '{}' }],
    ['by a method that is not taken', '/api/tokens', { method: 'PATCH' }],
  ])('is told so before anything else: %s', async (_, path, init) => {
    const { status, body } = await server.browser().fetch(server.url + path, { method: 'POST', ...init })
    expect([status, JSON.parse(body).code]).toEqual([401, 'not_signed_in'])
  })
})

it('an upload that breaks off is no fault of ours', async () => {
  const person = await server.signedIn()
  const { secret } = await person.client.tokens.create({ body: { name: 'uploads' } })
  const socket = connect({
    port: Number(new URL(server.url).port),
    host: '127.0.0.1',
    servername: 'localhost',
    rejectUnauthorized: false,
  })
  socket.on('error', () => undefined)
  socket.write(
    `PUT /api/files/broken-off.csv HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${secret}\r\ncontent-length: 1000\r\n\r\na,b`,
  )
  await expect.poll(() => person.client.files.list().then(() => true)).toBe(true)
  socket.destroy()
  const entries = () => person.client.audit.list({ query: { action: 'file.upload' } })
  await expect.poll(async () => (await entries()).items, { timeout: 10_000 }).toHaveLength(1)
  expect((await entries()).items[0]).toMatchObject({ result: 'refused', reason: 'malformed_request' })
  expect((await person.client.files.list()).items).toEqual([])
  expect(server.log.filter((line) => line.includes('"level":"error"'))).toEqual([])
})
