import { gzipSync } from 'node:zlib'
import { LatchworkError } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { ask, codeOf, connectTo, startBytes, startClose, startGateway } from './gateway.ts'

const path = '/api/v1/lead/'

describe('a request that is passed on', () => {
  it('#23 #25 has the real credential, and nothing else that was for us', async () => {
    let seen: readonly string[] = []
    const close = await startClose((request, response) => {
      seen = request.rawHeaders
      response.setHeader('set-cookie', 'a=b').setHeader('strict-transport-security', 'x')
      response.setHeader('ratelimit', 'limit=1').setHeader('x-custom', 'kept')
      response.setHeader('connection', 'x-named, close').setHeader('x-named', 'hop').end('{}')
    })
    const gateway = await startGateway(close, { extraHeaders: { ratelimit: 'limit=9' } })
    const { headers } = await ask(gateway, path, {
      headers: {
        ...{ authorization: 'Basic bHdwXzo=', cookie: 'a=b', 'proxy-authorization': 'c', forwarded: 'for=d' },
        ...{ 'x-forwarded-for': 'e', 'x-forwarded-host': 'f', te: 'trailers', 'x-original-url': '/g' },
        ...{ 'keep-alive': 'h', 'x-named': 'i', 'if-match': '"j"', connection: 'if-match, keep-alive' },
        ...{ 'accept-encoding': 'gzip', range: 'bytes=0-1', 'user-agent': 'k', 'x-tz-offset': '2' },
      },
    })
    const sent = Object.fromEntries(seen.flatMap((name, at) => (at % 2 ? [] : [[name, seen[at + 1]]])))
    expect(sent).toEqual({
      ...{ authorization: 'Basic real', 'accept-encoding': 'gzip', range: 'bytes=0-1', 'user-agent': 'k' },
      ...{ 'x-tz-offset': '2', host: new URL(close).host, connection: 'keep-alive' },
    })
    expect(headers).toMatchObject({ ratelimit: 'limit=9', 'x-custom': 'kept', 'cache-control': 'no-store' })
    for (const name of ['set-cookie', 'strict-transport-security', 'x-named'])
      expect(headers).not.toHaveProperty(name)
  })

  it('keeps what Close says about waiting when it asks to', async () => {
    const close = await startClose((_, response) => {
      response.writeHead(429, { 'retry-after': '3', ratelimit: 'limit=1, remaining=0, reset=3' }).end('{}')
    })
    const { headers } = await ask(await startGateway(close, { extraHeaders: { ratelimit: 'limit=9' } }), path)
    expect(headers).toMatchObject({ 'retry-after': '3', ratelimit: 'limit=1, remaining=0, reset=3' })
  })

  it('comes back as it is: HEAD, ranges, no content, compressed bytes', async () => {
    const gzip = gzipSync('{"a":1}'.repeat(1000))
    const close = await startClose(({ method, headers, url }, response) => {
      if (url === '/none/') response.writeHead(204).end()
      else if (method === 'HEAD') response.writeHead(200, { 'content-length': '1234', etag: '"a"' }).end()
      else if (headers.range === 'bytes=1-2')
        response.writeHead(206, { 'content-range': 'bytes 1-2/9' }).end('bc')
      else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzip)
    })
    const gateway = await startGateway(close)
    const head = await ask(gateway, path, { method: 'HEAD' })
    expect(head).toMatchObject({ status: 200, headers: { 'content-length': '1234', etag: '"a"' } })
    const range = await ask(gateway, path, { headers: { range: 'bytes=1-2' } })
    expect(range).toMatchObject({
      status: 206,
      headers: { 'content-range': 'bytes 1-2/9' },
      body: Buffer.from('bc'),
    })
    expect(await ask(gateway, '/none/')).toMatchObject({ status: 204, body: Buffer.alloc(0) })
    expect((await ask(gateway, path)).body).toEqual(gzip)
    expect(await gateway.ended.at(-1)).toMatchObject({
      outcome: 'answered',
      attempts: 1,
      bytesOut: gzip.length,
    })
  })

  it('#26 is repeated once after a 401, with one new credential, if its body is still there', async () => {
    const seen: string[] = []
    const close = await startClose((request, response) => {
      seen.push(`${request.method} ${request.headers.authorization}`)
      request.resume()
      response.writeHead(401).end('{"error":"no"}')
    })
    let refreshed = 0
    const rejected = async () => {
      refreshed += 1
      return true
    }
    const authorize = async () => `Bearer ${refreshed}`
    const replayed = await startGateway(close, { authorize, rejected })
    expect(await ask(replayed, path)).toMatchObject({ status: 401, body: Buffer.from('{"error":"no"}') })
    expect([seen.splice(0), refreshed]).toEqual([['GET Bearer 0', 'GET Bearer 1'], 1])
    await ask(replayed, path, { method: 'HEAD' })
    expect([seen.splice(0).length, refreshed]).toEqual([2, 2])
    expect((await ask(replayed, path, { method: 'POST', body: 'x' })).status).toBe(401)
    expect([seen.splice(0), refreshed]).toEqual([['POST Bearer 2'], 3])
    const held = await startGateway(close, { authorize, rejected, body: Buffer.from('x') })
    expect((await ask(held, path, { method: 'POST', body: 'x' })).status).toBe(401)
    expect([seen.splice(0).length, refreshed]).toEqual([2, 4])
  })

  it('#25 is led nowhere else by a redirect', async () => {
    let location = ''
    const close = await startClose((_, response) => response.writeHead(308, { location }).end('<a href="x">'))
    const gateway = await startGateway(close)
    const own = new URL(close).host
    for (location of [
      ...[
        'https://elsewhere.example/a/',
        '//elsewhere.example/a/',
        `https://${own}/a/`,
        `http://u:p@${own}/a/`,
      ],
      ...['http://0.0.0.0/', 'http://[::]/', 'http://2130706433/', 'javascript:alert(1)', '/a%2f/', '//'],
    ]) {
      const told = await ask(gateway, path)
      expect([location, told.status, codeOf(told)]).toEqual([location, 502, 'upstream_redirected'])
      expect(told.headers.location).toBeUndefined()
    }
    for (location of ['/api/v1/lead/?a=1', `${close}/api/v1/lead/?a=1`]) {
      const told = await ask(gateway, '/api/v1/lead?a=1')
      expect(told).toMatchObject({
        status: 308,
        headers: { location: '/close/api/v1/lead/?a=1' },
        body: Buffer.alloc(0),
      })
    }
  })

  it('#27 is not repeated if it writes and the answer is lost', async () => {
    const lost = await startBytes((socket) => socket.once('data', () => socket.destroy()))
    const gateway = await startGateway(lost.origin)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const told = await ask(gateway, path, { method })
      expect([told.status, codeOf(told)]).toEqual([502, 'in_doubt'])
    }
    expect(lost.sockets).toHaveLength(4)
    expect(await gateway.ended.at(-1)).toMatchObject({ outcome: 'in_doubt', attempts: 1, status: null })
    const read = await ask(gateway, path)
    expect([codeOf(read), lost.sockets.length]).toEqual(['upstream_error', 6])
  })

  it('says when there is no way to Close, after a second try', async () => {
    const gone = await startBytes(() => undefined)
    const { port } = new URL(gone.origin)
    const gateway = await startGateway(`http://127.0.0.2:${port}`)
    const told = await ask(gateway, path, { method: 'POST', body: 'x' })
    expect([told.status, codeOf(told)]).toEqual([502, 'unreachable'])
    expect(await gateway.ended[0]).toMatchObject({ outcome: 'unreachable', attempts: 2 })
  })

  it('tells why there is no credential for it', async () => {
    const close = await startClose((_, response) => response.end())
    const authorize = () => Promise.reject(new LatchworkError('credential_failed'))
    expect(codeOf(await ask(await startGateway(close, { authorize }), path))).toBe('credential_failed')
  })

  it('has filters that are too long for an address in the body, as Close takes them', async () => {
    const seen: unknown[] = []
    const close = await startClose(async (request, response) => {
      const body = (await request.toArray()).join('')
      seen.push([request.method, request.url, request.headers['x-http-method-override'], JSON.parse(body)])
      response.end()
    })
    const ids = 'lead_x,'.repeat(400)
    await ask(await startGateway(close), `${path}?id__in=${ids}&_limit=1`)
    expect(seen).toEqual([['POST', path, 'GET', { _params: { id__in: ids, _limit: '1' } }]])
  })

  it('#56 is refused while as many are under way as the gateway takes', async () => {
    const close = await startBytes(() => undefined)
    const gateway = await startGateway(close.origin, {}, { atOnce: 1 })
    connectTo(gateway).write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await expect.poll(() => gateway.upstream.active).toBe(1)
    expect(codeOf(await ask(gateway, path))).toBe('gateway_busy')
  })

  it('ends when the server stops', async () => {
    const close = await startBytes(() => undefined)
    const gateway = await startGateway(close.origin)
    const told = ask(gateway, path)
    await expect.poll(() => close.sockets.length).toBe(1)
    await gateway.upstream.close()
    expect((await told).status).toBe(502)
    await expect.poll(() => close.sockets[0]?.destroyed).toBe(true)
  })
})
