import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Running, startRunning } from '../running.ts'

let server: Running
let token: string
let ca: string
beforeAll(async () => {
  server = await startRunning(null)
  ca = readFileSync(join(server.dataDir, 'tls/cert.pem'), 'utf8')
  const { client } = await server.signedIn()
  token = (await client.tokens.create({ body: { name: 'probe' } })).secret
  mkdirSync(join(server.dataDir, 'files'), { recursive: true })
  writeFileSync(join(server.dataDir, 'files/leads.csv'), 'a,b\n')
})
afterAll(() => server?.stop())

/** Sends these very bytes, which no client would, and answers all that came back. */
function send(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      port: Number(new URL(server.url).port),
      host: '127.0.0.1',
      ca,
      servername: 'localhost',
    })
    let answer = ''
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString()
    })
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
    socket.write(bytes)
  })
}

interface Options {
  readonly method?: string
  readonly headers?: readonly string[]
  readonly body?: string
}
async function ask(path: string, { method = 'GET', headers = [], body = '' }: Options = {}) {
  const lines = [`${method} ${path} HTTP/1.1`, 'host: localhost', 'connection: close', ...headers]
  const answer = await send(`${lines.join('\r\n')}\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  return { status: Number(answer.split(' ')[1]), answer }
}
const bearer = () => [`authorization: Bearer ${token}`]

const strange = [
  '/api/../api/credentials',
  '/api/%2e%2e/api/credentials',
  '/api/./credentials',
  '/api//credentials',
  '//api/credentials',
  '/api/credentials/',
  '/api/credentials.',
  '/api/credentials;v=1',
  '/api;v=1/credentials',
  '/API/credentials',
  '/api/Credentials',
  '/api\\credentials',
  '/api%2fcredentials',
  '/api/credentials%00',
  '/api/credentials%20',
  '/api/files/..%2fmaster.key',
  '/api/files/../../master.key',
  '/api/files/%2e%2e%2fmaster.key',
  '/api/files/..%5cmaster.key',
  '/api/files/leads.csv.',
  '/api/files/leads.csv/',
  '/api/files/LEADS.csv%00',
  '/../master.key',
  '/..%2fmaster.key',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/assets/..%2f..%2fmaster.key',
  'http://evil.example/api/credentials',
  'https://localhost@evil.example/api/credentials',
]

describe('#44 what no rule allows is refused', () => {
  it.each(strange)(
    '#44 an address that is not written as it is in the contract, for an administrator: %s',
    async (path) => {
      const { status, answer } = await ask(path, { headers: bearer() })
      expect(status, answer).toBeGreaterThanOrEqual(400)
      expect(status, answer).toBeLessThan(500)
      expect(answer).not.toContain('lw-key-1')
    },
  )

  it('#44 and the same address as the contract has it is answered', async () => {
    for (const path of ['/api/credentials', '/api/files/leads.csv']) {
      expect((await ask(path, { headers: bearer() })).status).toBe(200)
    }
  })

  it.each(['/api/session', '/%61pi/session', '/api/%73ession'])(
    '#44 however it is spelled, a change asks for the header that other sites cannot send: %s',
    async (path) => {
      const credentials = JSON.stringify({
        email: 'wren@hollowoak.example',
        password: 'a long enough pass phrase',
      })
      const { status, answer } = await ask(path, {
        method: 'POST',
        headers: ['content-type: application/json', 'origin: https://evil.example'],
        body: credentials,
      })
      expect([status, answer.includes('csrf_refused')]).toEqual([403, true])
      expect(answer.toLowerCase()).toContain('cache-control: no-store')
      expect(answer.toLowerCase()).not.toContain('set-cookie')
    },
  )

  it.each(['TRACE', 'PROPFIND', 'PURGE', 'OPTIONS', 'get'])(
    '#44 the method %s is taken nowhere',
    async (method) => {
      const { status } = await ask('/api/credentials', { method, headers: bearer() })
      expect([400, 404, 405]).toContain(status)
    },
  )

  it('#44 a method that another header asks for is not heard', async () => {
    const headers = [
      ...bearer(),
      'x-http-method-override: DELETE',
      'x-original-url: /api/audit',
      'x-rewrite-url: /api/audit',
    ]
    const { status, answer } = await ask('/api/settings', { headers })
    expect(status).toBe(200)
    expect(answer).toContain('masterKeyFingerprint')
  })
})

describe('#47 what a stranger learns', () => {
  const probes = [
    '/metrics',
    '/debug',
    '/docs',
    '/documentation',
    '/documentation/json',
    '/swagger',
    '/openapi.json',
    '/api/openapi.json',
    '/api/docs',
    '/api',
    '/api/',
    '/.env',
    '/.git/config',
    '/package.json',
    '/server-status',
    '/health',
    '/health/',
    '/health/live',
    '/health/ready',
    '/health/live/x',
    '/actuator',
    '/close/api/v1/me/',
    '/api/settings',
    '/api/connectors',
    '/api/session',
    '/api/audit',
    '/api/nothing',
    '/nothing',
    '/%',
    '/%ff',
  ]
  it.each(probes)('#47 at %s is neither a version nor an inside', async (path) => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      const { status, answer } = await ask(path, {
        method,
        headers: ['x-latchwork: 1', 'content-type: application/json'],
        body: '{"a":',
      })
      expect(status, answer).toBeLessThan(500)
      expect(answer).not.toMatch(/\bat (\/|file:|async |Object\.|new )|node_modules|\.ts:\d|node:internal/)
      expect(answer).not.toMatch(/fastify|node\.js|better-auth|sqlite|openapi"|0\.1\.0|v24\./i)
      expect(answer).not.toMatch(/^(server|x-powered-by|via):/im)
    }
  })

  it.each([
    'GET / HTTP/9.9\r\n\r\n',
    'nonsense\r\n\r\n',
    'GET /\r\n\r\n',
    `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`,
    'POST /api/session HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /api/session HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef',
    'GET /api/session HTTP/1.1\r\nhost : localhost\r\n\r\n',
    'GET /api/session HTTP/1.1\r\n\r\n',
  ])('#47 no HTTP at all is refused in a word: %j', async (bytes) => {
    const answer = await send(bytes)
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(answer.length).toBeLessThan(1500)
    expect(answer).not.toMatch(/node|fastify|\bat \/|HPE_/i)
  })
})
