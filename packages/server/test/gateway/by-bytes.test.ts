import { connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWithClose, type WithClose } from '../with-close.ts'
import { newToken } from './calling.ts'

/* What comes as bytes that no client of ours would send: read in one way, or refused. Nothing of it reaches Close. */

let setting: WithClose
let token: string
let passId: string
beforeAll(async () => {
  setting = await startWithClose({ leads: 3 })
  const { client } = setting.person
  const values = { apiKey: setting.sandbox.apiKeys[0]?.key ?? '' }
  const body = { connector: 'close', method: 'api_key', name: 'Close', values }
  const { id: credentialId } = await client.credentials.create({ body })
  const rules = { objects: { lead: ['read' as const] } }
  ;({ token, id: passId } = await newToken(client, credentialId, { rules }))
})
afterAll(() => setting?.stop())

/** Sends bytes as they are. @returns all that comes back until the connection ends, or nothing more comes */
function send(text: string, quietMs = 1500): Promise<string> {
  const { hostname, port } = new URL(setting.server.url)
  return new Promise((resolve) => {
    let got = ''
    const socket: TLSSocket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () =>
      socket.write(text, 'latin1'),
    )
    const end = () => {
      clearTimeout(quiet)
      socket.destroy()
      resolve(got)
    }
    const quiet = setTimeout(end, quietMs)
    socket.on('data', (part) => {
      got += part.toString('latin1')
    })
    socket.on('error', end).on('close', end)
  })
}

const headers = (...more: string[]) =>
  ['Host: latchwork.example', `Authorization: Bearer ${token}`, ...more, 'Connection: close', '', ''].join(
    '\r\n',
  )
const get = (target: string, ...more: string[]) => send(`GET ${target} HTTP/1.1\r\n${headers(...more)}`)
const statusOf = (got: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(got)?.[1] ?? 0)
const lead = '/close/api/v1/lead/?_limit=1'

describe('#44 what comes as bytes', () => {
  it('is taken where it is plain', async () => {
    const got = await get(lead)
    expect(statusOf(got), got).toBe(200)
    const chunked = 'POST /close/api/v1/data/search/ HTTP/1.1\r\n'
    const query = '{"query":{"type":"object_type","object_type":"lead"}}'
    const parts = `${query.length.toString(16)};name=value\r\n${query}\r\n0\r\nX-Trailer: x-http-method-override\r\n\r\n`
    const found = await send(
      chunked + headers('Content-Type: application/json', 'Transfer-Encoding: chunked') + parts,
    )
    expect(statusOf(found), found).toBe(200)
    const asked = await get(lead, 'Expect: 100-continue')
    expect([100, 200]).toContain(statusOf(asked))
  })

  it.each([
    ['a space in the target', 'GET /close/api/v1/le ad/ HTTP/1.1\r\n'],
    ['a tab in the target', 'GET /close/api/v1/lead/\t HTTP/1.1\r\n'],
    ['an absolute target', 'GET http://api.close.example/close/api/v1/lead/ HTTP/1.1\r\n'],
    ['an absolute target of ours', 'GET https://latchwork.example/close/api/v1/lead/ HTTP/1.1\r\n'],
    ['the target of another', 'CONNECT api.close.example:443 HTTP/1.1\r\n'],
    ['dots', 'GET /close/api/v1/lead/../task/ HTTP/1.1\r\n'],
    ['dots before the prefix', 'GET /x/../close/api/v1/task/ HTTP/1.1\r\n'],
    ['encoded dots', 'GET /close/api/v1/lead/%2E%2e/task/ HTTP/1.1\r\n'],
    ['doubly encoded dots', 'GET /close/api/v1/lead/%252e%252e/task/ HTTP/1.1\r\n'],
    ['overlong dots', 'GET /close/api/v1/lead/%c0%ae%c0%ae/task/ HTTP/1.1\r\n'],
    ['bytes beyond ASCII', 'GET /close/api/v1/lead\xc3\xa4/ HTTP/1.1\r\n'],
    ['two slashes', 'GET /close/api/v1//lead/ HTTP/1.1\r\n'],
    ['two slashes first', 'GET //close/api/v1/lead/ HTTP/1.1\r\n'],
    ['two slashes after the prefix', 'GET /close//api/v1/lead/ HTTP/1.1\r\n'],
    ['a parameter of the path', 'GET /close/api/v1/lead/;x=1 HTTP/1.1\r\n'],
    ['an encoded prefix', 'GET /close%2fapi/v1/lead/ HTTP/1.1\r\n'],
    ['a backslash', 'GET /close/api/v1\\lead/ HTTP/1.1\r\n'],
    ['another version', 'GET /close/api/v1/lead/ HTTP/3.0\r\n'],
  ])('is refused: %s', async (_what, line) => {
    const status = statusOf(await send(line + headers()))
    expect(status === 0 || (status >= 400 && status < 500), String(status)).toBe(true)
  })

  it.each([
    ['two lengths', ['Content-Length: 2', 'Content-Length: 2']],
    ['two different lengths', ['Content-Length: 2', 'Content-Length: 3']],
    ['lengths in one line', ['Content-Length: 2, 2']],
    ['a length beside chunks', ['Content-Length: 2', 'Transfer-Encoding: chunked']],
    ['another encoding behind chunks', ['Transfer-Encoding: chunked, identity']],
    ['another encoding before chunks', ['Transfer-Encoding: gzip, chunked']],
    ['an encoding that looks like chunks', ['Transfer-Encoding: xchunked']],
    ['an encoding with a folded line', ['Transfer-Encoding:\r\n chunked']],
    ['a folded header', ['X-A: b\r\n c: d']],
    ['a space before a colon', ['Content-Length : 2']],
    ['a bare line feed', ['X-A: b\nX-HTTP-Method-Override: DELETE']],
    ['no name', [': 2']],
    ['another method twice', ['X-HTTP-Method-Override: GET', 'x-http-method-override: DELETE']],
    ['another method by two names', ['X-Method-Override: GET', 'X_HTTP_Method: DELETE']],
    ['two hosts', ['Host: api.close.example']],
    ['two authorizations', [`Authorization: Basic ${Buffer.from('x:').toString('base64')}`]],
    ['an unknown expectation', ['Expect: something']],
  ])('is refused: %s', async (_what, more) => {
    const got = await send(`POST /close/api/v1/lead/ HTTP/1.1\r\n${headers(...more)}{}`)
    const status = statusOf(got)
    expect(status === 0 || (status >= 400 && status < 500), got.slice(0, 300)).toBe(true)
  })

  it('of a request that wants another protocol is answered as a request, or not at all', async () => {
    const upgrade = `GET ${lead} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nConnection: Upgrade\r\n`
    for (const protocol of ['websocket', 'h2c']) {
      const more = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n'
      const got = await send(`${upgrade}Upgrade: ${protocol}\r\n${more}\r\nPRI * HTTP/2.0\r\n\r\n`)
      expect(got).not.toContain('HTTP/1.1 101')
      expect([0, 200, 400, 426]).toContain(statusOf(got))
    }
  })

  it('leaves one request behind another to itself', async () => {
    const smuggled = `GET /close/api/v1/task/ HTTP/1.1\r\n${headers()}`
    const got = await send(
      `POST /close/api/v1/data/search/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nContent-Length: 3\r\n\r\n{}\n${smuggled}`,
    )
    const statuses = [...got.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
    expect(statuses[0]).toBeGreaterThanOrEqual(400)
    // The second is a request of its own, held against the rules.
    expect(statuses.slice(1).every((status) => status === 403)).toBe(true)
  })

  it('of all that, only what was plain was sent to Close', async () => {
    const { client } = setting.person
    await expect
      .poll(async () => {
        const { items } = await client.passes.calls({ params: { id: passId }, query: { limit: 200 } })
        const sent = items.filter(({ decision }) => decision === 'allowed')
        return [...new Set(sent.map(({ method, path }) => `${method} ${path}`))].sort()
      })
      .toEqual(['GET /lead/', 'POST /data/search/'])
  })
})
