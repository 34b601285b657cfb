import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type CloseClient, createCloseClient, paginate, parseJson } from '../src/index.ts'
import { type Answer, json, startServer, text } from './close-server.ts'

const kibi = 1024
const limits = { answerBytes: 64 * kibi, depth: 20, values: 5_000 }
/** What the machine itself holds on the way, on both sides. */
const buffersBytes = 16 * kibi * kibi

async function clientOf(...answers: Answer[]): Promise<CloseClient> {
  const { url } = await startServer(...answers)
  return createCloseClient({
    apiUrl: url,
    authorize: async () => ({ type: 'api_key', apiKey: 'api_canary.4417' }),
    retry: { maxAttempts: 1 },
    timeoutMs: 500,
    limits,
  })
}

/** Sends for as long as it is taken; `sent` is told how much left. */
const endless =
  (start: string, more: string, sent: (bytes: number) => void): Answer =>
  (response, _request, socket) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write(start)
    const pour = (): void => {
      while (!response.destroyed && response.write(more)) {
        // until the machine's buffers are full
      }
    }
    response.on('drain', pour)
    socket.once('close', () => sent(socket.bytesWritten))
    pour()
  }

const bomb = gzipSync(Buffer.alloc(64 * kibi * kibi, 0x20))
/** An answer that is good as far as it goes. */
const person = '{"id":"1","email":"a@b.example","organizations":[]'
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

describe('#56 a hostile Close', () => {
  it.each([
    ['a body without end', '{"id":"', 'x'.repeat(16 * kibi)],
    ['records without end', '{"data":[{"id":"1"}', ',{"id":"1"}'.repeat(1000)],
    ['nesting without end', '', '['.repeat(16 * kibi)],
  ])('ends in an error of a line, with little read: %s', async (_, start, more) => {
    let reported = (_bytes: number): void => undefined
    const sent = new Promise<number>((resolve) => {
      reported = resolve
    })
    const client = await clientOf(endless(start, more, (bytes) => reported(bytes)))
    await expect(client.me()).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringMatching(/^.{20,300}$/),
    })
    expect(await sent).toBeLessThan(buffersBytes)
  })

  const gzipped: Answer = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
    response.end(bomb)
  }
  const list = (record: unknown, extra = {}): Answer =>
    json(200, { data: [record], has_more: true, ...extra })

  it.each<[string, string, Answer]>([
    ['a little that becomes much when decompressed', 'too_large', gzipped],
    ['deep nesting', 'server_error', text(200, `${person},"more":${nested(21)}}`)],
    ['more values than a page has', 'too_large', text(200, `${person},"more":[${'1,'.repeat(6_000)}1]}`)],
    [
      'an id that is no id',
      'server_error',
      json(200, { id: 'x'.repeat(256), email: 'a@b.example', organizations: [] }),
    ],
  ])('ends in an error of a line: %s', async (_, code, answer) => {
    const client = await clientOf(answer)
    await expect(client.me()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/^.{20,300}$/),
    })
  })

  it.each<[string, string, Answer]>([
    ['headers without end', 'unreachable', text(200, '{}', { 'x-long': 'x'.repeat(64 * kibi) })],
    [
      'a body drop by drop',
      'too_large',
      (response) => {
        response.writeHead(200)
        const timer = setInterval(() => response.write(' '), 20)
        response.once('close', () => clearInterval(timer))
      },
    ],
  ])('#46 is not waited for, or read, beyond the limit: %s', async (_, code, answer) => {
    const client = await clientOf(answer)
    await expect(client.me()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/^.{20,300}$/),
    })
  })

  it('tells nothing of a refusal that is too long', async () => {
    const client = await clientOf(json(400, { error: 'x'.repeat(50_000) }), text(400, nested(10_000)))
    for (let call = 0; call < 2; call += 1) {
      await expect(client.me()).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringMatching(/^.{20,400}$/),
      })
    }
  })

  it.each<[string, Answer]>([
    ['an id', list({ id: 'x'.repeat(300) })],
    ['a cursor', list({ id: '1' }, { cursor: 'x'.repeat(9_000), cursor_next: 'x'.repeat(9_000) })],
  ])('ends a list for %s that is none', async (_, answer) => {
    const client = await clientOf(answer)
    const search = { query: { type: 'match_all' } } as const
    await expect(client.search(search)).rejects.toMatchObject({ code: 'server_error' })
    await expect(client.events.list()).rejects.toMatchObject({ code: 'server_error' })
  })

  it('ends a list that goes on without end', async () => {
    let id = 0
    const client = await clientOf((response, request, socket) => {
      id += 1
      list({ id: `user_${id}` })(response, request, socket)
    })
    const read = async () => {
      for await (const user of paginate(client.users.list, {}, undefined, 25)) expect(user.id).not.toBe('')
    }
    await expect(read()).rejects.toMatchObject({ code: 'server_error' })
    expect(id).toBeLessThan(30)
  })
})

describe('JSON of others', () => {
  const parse = (json: string) => parseJson(json, { depth: 3, values: 10 })

  it('is parsed as ever', () => {
    for (const value of [
      [[[]]],
      { a: '[[[[{"', b: '\\"[', 'c"[[[[': '\\\\' },
      '"',
      '',
      null,
      [1, 2, 3, [4]],
    ]) {
      expect(parse(JSON.stringify(value))).toEqual(value)
    }
  })

  it.each([
    ['[[[[]]]]', /deeper than 3/],
    ['[{"a":[{}]}]', /deeper than 3/],
    ['[[],[],[],[],[],[]]', /more than 10 values/],
    ['{"secret": oops}', /^is not valid JSON$/],
    ['"never ends', /^is not valid JSON$/],
  ])('is refused without a word of it: %s', (json, message) => {
    expect(() => parse(json)).toThrow(message)
  })
})
