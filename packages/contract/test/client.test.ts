import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ApiError, createClient } from '../src/index.ts'

interface Seen {
  method: string | undefined
  url: string | undefined
  headers: Record<string, unknown>
  body: string
}

let answer: { status: number; body: string }
let seen: Seen[]
let baseUrl: string
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => {
    body += String(chunk)
  })
  request.on('end', () => {
    seen.push({ method: request.method, url: request.url, headers: request.headers, body })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
  })
})

beforeEach(async () => {
  seen = []
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // listening on TCP: never a string or null
})
afterEach(() => new Promise((resolve) => server.close(resolve)))

describe('the client', () => {
  it('puts parameters, query, body, token and the anti-forgery header where they belong', async () => {
    answer = { status: 200, body: JSON.stringify({ items: [], nextCursor: null, total: 0 }) }
    const client = createClient({ baseUrl, token: 'lw_x', fetch })
    await client.credentials.list({ query: { query: 'a&b', limit: 5 } })
    answer = { status: 204, body: '' }
    await client.credentials.delete({ params: { id: 'cred_../x' } })
    expect(seen.map((request) => `${request.method} ${request.url}`)).toEqual([
      'GET /api/credentials?query=a%26b&limit=5',
      'DELETE /api/credentials/cred_..%2Fx',
    ])
    expect(seen[0]?.headers['authorization']).toBe('Bearer lw_x')
    expect(seen[0]?.headers['x-latchwork']).toBeUndefined()
    expect(seen[1]?.headers['x-latchwork']).toBe('1')
  })

  it('throws the problem that the server answers', async () => {
    const problem = { type: 'about:blank', title: 't', status: 409, code: 'name_taken', detail: 'Taken.' }
    answer = { status: 409, body: JSON.stringify(problem) }
    const failure = createClient({ baseUrl, fetch }).session.get()
    await expect(failure).rejects.toMatchObject({ name: 'ApiError', code: 'name_taken', message: 'Taken.' })
  })

  it.each([
    ['HTML', 502, '<html>bad gateway</html>'],
    ['an answer of another shape', 200, '{"user":1}'],
    ['no body', 200, ''],
  ])('says so when the answer is %s', async (_, status, body) => {
    answer = { status, body }
    const failure = createClient({ baseUrl, fetch }).session.get()
    await expect(failure).rejects.toMatchObject({ code: 'internal' })
  })

  it('says when there is no server', async () => {
    const client = createClient({ baseUrl: 'http://127.0.0.1:1', fetch })
    const error = await client.session.get().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ code: 'unreachable', problem: { status: 0 } })
  })
})
