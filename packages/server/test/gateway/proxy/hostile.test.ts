import { once } from 'node:events'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { generate } from 'selfsigned'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Cut } from '../../../src/gateway/proxy/record-cut.ts'
import { ask, codeOf, connectTo, startBytes, startClose, startGateway } from './gateway.ts'

const path = '/api/v1/lead/'
const short = { headersMs: 300, idleMs: 300, lingerMs: 200 }

/** Answers each request with these bytes. */
function answering(text: string, then: (socket: Socket) => void = () => undefined) {
  return startBytes((socket) => {
    socket.on('data', () => {
      socket.write(text)
      then(socket)
    })
  })
}

describe('a Close that does not behave', () => {
  it('#46 does not begin to answer', async () => {
    const gateway = await startGateway((await startBytes(() => undefined)).origin, {}, short)
    const read = await ask(gateway, path)
    expect([read.status, codeOf(read)]).toEqual([504, 'upstream_timeout'])
    expect(codeOf(await ask(gateway, path, { method: 'POST', body: 'x' }))).toBe('in_doubt')
  })

  it('#46 stops within its answer', async () => {
    const close = await answering('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf')
    const gateway = await startGateway(close.origin, {}, short)
    await expect(ask(gateway, path)).rejects.toThrow()
    expect(await gateway.ended[0]).toMatchObject({
      outcome: 'timed_out',
      status: 200,
      bytesOut: 4,
      error: null,
    })
  })

  it.each([
    ['content-length: 10\r\n\r\nhalf', (socket: Socket) => socket.end()],
    ['content-length: 10\r\n\r\nhalf', (socket: Socket) => socket.resetAndDestroy()],
    ['transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n', (socket: Socket) => socket.end()],
    ['transfer-encoding: chunked\r\n\r\nzz\r\nhalf\r\n', () => undefined],
  ])('#56 answers less than it says, and the client sees that it is not all: %j', async (rest, then) => {
    const close = await answering(`HTTP/1.1 200 OK\r\n${rest}`, then)
    const gateway = await startGateway(close.origin)
    await expect(ask(gateway, path)).rejects.toThrow()
    expect(await gateway.ended[0]).toMatchObject({ error: null })
  })

  it('answers more than it says: the client gets what was said, and the next request its own answer', async () => {
    const close = await answering(
      'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbodyHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil',
    )
    const gateway = await startGateway(close.origin)
    for (const _ of [1, 2, 3]) expect((await ask(gateway, path)).body.toString()).toBe('body')
  })

  it.each([
    'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nbody!',
    'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nname\r\n\r\n',
    'SSH-2.0-OpenSSH\r\n\r\n',
    `HTTP/1.1 200 OK\r\n${'x-much: of it\r\n'.repeat(10_000)}`,
    `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`,
    'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
  ])('#56 answers with a head that is none: %#', async (text) => {
    const gateway = await startGateway((await answering(text)).origin, {}, short)
    const told = await ask(gateway, path)
    expect(told.status).toBeGreaterThanOrEqual(502)
    expect(told.headers['x-much']).toBeUndefined()
  })

  it('#24 has a certificate that nobody vouches for', async () => {
    const pair = await generate([{ name: 'commonName', value: 'localhost' }])
    const heard: unknown[] = []
    const server = createTlsServer({ key: pair.private, cert: pair.cert }, (request) =>
      heard.push(request.url),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    onTestFinished(() => {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
    })
    const gateway = await startGateway(`https://localhost:${(server.address() as AddressInfo).port}`)
    expect(codeOf(await ask(gateway, path))).toBe('unreachable')
    expect(heard).toEqual([])
  })
})

describe('an answer that has to be cut', () => {
  const filter: Cut = { object: 'lead', fieldsOf: () => new Set(['id']), nested: {} }

  async function told(head: Record<string, string>, body: string, status = 200, method = 'GET') {
    const seen: unknown[] = []
    const close = await startClose(({ headers }, response) => {
      seen.push(headers['accept-encoding'], headers.range)
      response.writeHead(status, { 'content-type': 'application/json', ...head }).end(body)
    })
    const headers = { 'accept-encoding': 'gzip', range: 'bytes=0-9' }
    const answer = await ask(await startGateway(close, { filter }), path, { headers, method })
    expect(seen).toEqual(['identity', undefined])
    return answer
  }

  it('#44 is asked for whole and plain, and comes back cut', async () => {
    const { headers, body } = await told({ etag: '"a"' }, '{"data":[{"id":1,"secret":2}]}')
    expect(body.toString()).toBe('{"data":[{"id":1}]}')
    expect(headers).toMatchObject({ 'content-length': '19' })
    expect(headers).not.toHaveProperty('etag')
    const large = `[${'{"id":1,"secret":2},'.repeat(100_000)}{}]`
    expect((await told({}, large)).body.length).toBe('{"id":1},'.length * 100_000 + 4)
    expect((await told({}, '', 200, 'HEAD')).headers).not.toHaveProperty('etag')
  })

  it.each([
    [{ 'content-type': 'text/csv' }, 'secret', 200],
    [{ 'content-encoding': 'gzip' }, 'secret', 200],
    [{ 'content-range': 'bytes 0-9/20' }, '{"id":1}', 206],
    [{}, '{"id":1,"secret":2', 200],
    [{}, '{"id":1} secret', 200],
  ])('#44 is refused if it can not be: %j %s', async (head, body, status) => {
    const answer = await told(head, body, status)
    expect([answer.status, codeOf(answer)]).toEqual([502, 'answer_uncut'])
    expect(answer.body.toString()).not.toContain('secret')
  })

  it('#44 shows of errors what can hold no record', async () => {
    const plain = '{"error": "no", "field-errors": {"name": ["Required."]}}'
    expect(await told({}, plain, 400)).toMatchObject({ status: 400, body: Buffer.from(plain) })
    for (const body of [
      '{"error":{"id":1,"secret":2}}',
      '{"secret":1}',
      '[{"secret":1}]',
      '<b>secret</b>',
      '{"error":',
    ]) {
      const { status, body: shown } = await told({}, body, 409)
      expect([status, Object.keys(JSON.parse(shown.toString()) as object)]).toEqual([409, ['error']])
      expect(shown.toString()).not.toContain('secret')
    }
  })

  it('#44 breaks off where it can not be read further', async () => {
    const close = await startClose((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(`[${'{"id":1,"secret":2},'.repeat(100_000)}"secret"]`)
    })
    const gateway = await startGateway(close, { filter })
    const socket = connectTo(gateway)
    socket.write(`GET ${path} HTTP/1.0\r\n\r\n`)
    let got = ''
    const reset = new Promise((resolve) => socket.on('error', resolve))
    socket.on('data', (chunk) => {
      got += chunk.toString()
    })
    expect(await reset).toMatchObject({ code: 'ECONNRESET' })
    expect(got).not.toContain('secret')
  })
})
