import { createServer } from 'node:net'
import { awayOf } from '@latchwork/contract'
import { type FaultOptions, type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openReader, testContext } from '../context.ts'
import { keyCredential, sandboxConnector } from './sandbox-access.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 20 })
})
afterEach(() => sandbox.control.clearFaults())
afterAll(() => sandbox.close())

/** What comes of reading all leads. */
async function readingFails(apiUrl = sandbox.apiUrl): Promise<unknown> {
  try {
    const close = sandboxConnector(sandbox, { apiUrl })
    const reader = await openReader(close, { object: 'leads' }, keyCredential(sandbox), testContext(), 'run')
    for await (const page of reader.batches(null)) expect(page.records.length).toBeGreaterThan(0)
    return null
  } catch (error) {
    return error
  }
}

/** Where nothing listens. */
async function refusingUrl(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

const always: Pick<FaultOptions, 'target' | 'times'> = { target: '/api/v1/data/search/', times: 1000 }
const answers = (status: number, headers?: Record<string, string>): FaultOptions => ({
  ...always,
  kind: 'status',
  status,
  ...(headers === undefined ? {} : { headers }),
})

describe('an error of reading Close', () => {
  it('passes by itself where nothing listens, and where the name is not found', async () => {
    for (const url of [await refusingUrl(), 'https://no-such-host.invalid']) {
      const error = await readingFails(url)
      expect(error).toMatchObject({ code: 'unreachable' })
      expect(awayOf(error)).toEqual({ retryAfterMs: null })
    }
  })

  it.each<[string, FaultOptions, string]>([
    ['a connection that breaks', { ...always, kind: 'drop' }, 'unreachable'],
    ['an answer that breaks off', { ...always, kind: 'cut' }, 'unreachable'],
    ['a 500', answers(500), 'upstream_error'],
    ['a 502', answers(502), 'upstream_error'],
    ['a 503', answers(503), 'upstream_error'],
    ['a 504', answers(504), 'upstream_error'],
    ['a page of a proxy', { ...always, kind: 'nonsense', body: '<html>' }, 'upstream_error'],
  ])('passes by itself: %s', async (_, fault, code) => {
    sandbox.control.addFault(fault)
    sandbox.control.clearRequests()
    const error = await readingFails()
    expect(error).toMatchObject({ code })
    expect(awayOf(error)).toEqual({ retryAfterMs: null })
    // It was asked a few times, and the rest of the waiting is left to the run.
    expect(sandbox.control.requests().filter(({ path }) => path === always.target).length).toBeLessThan(8)
  })

  it.each([
    ['a 503', answers(503, { 'retry-after': '600' })],
    ['a 429', answers(429, { 'retry-after': '600' })],
  ])('names the time that Close named with %s', async (_, fault) => {
    sandbox.control.addFault(fault)
    expect(awayOf(await readingFails())).toEqual({ retryAfterMs: 600_000 })
  })

  it.each([
    [400, 'upstream_refused'],
    [402, 'stream_unavailable'],
    [403, 'stream_unavailable'],
    [404, 'stream_unavailable'],
    [301, 'upstream_refused'],
  ])('does not pass: a %i', async (status, code) => {
    sandbox.control.addFault(answers(status, { location: 'https://elsewhere.invalid/' }))
    const error = await readingFails()
    expect(error).toMatchObject({ code })
    expect(awayOf(error)).toBeNull()
  })
})
