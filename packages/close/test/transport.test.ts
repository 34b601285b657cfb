import type { CloseAuth } from '@latchwork/close'
import { describe, expect, it } from 'vitest'
import { type Answer, drop, dropInBody, hang, json, startServer, text } from './close-server.ts'
import { ManualClock } from './manual-clock.ts'
import { lead, quickRetry, start } from './started.ts'

describe('a request that is safe to repeat', () => {
  const failures: [string, Answer][] = [
    ['a 500', json(500, { error: 'oops' })],
    ['a 503', text(503, '')],
    ['a 502 page of a gateway', text(502, '<html>Bad Gateway</html>')],
    ['a dropped connection', drop],
    ['a connection dropped in the body', dropInBody(200)],
    ['a success that is not JSON', text(200, '<html>')],
  ]
  it.each(failures)('is sent again after %s', async (_name, failure) => {
    const { client, received } = await start({}, failure, failure, lead)
    await expect(client.leads.get('lead_1')).resolves.toMatchObject({ name: 'Acme' })
    expect(received.length).toBe(3)
  })

  it.each(failures)('is given up after the last attempt at %s', async (_name, failure) => {
    const { client, received } = await start({ retry: { ...quickRetry, maxAttempts: 2 } }, failure)
    await expect(client.leads.update('lead_1', { name: 'B' })).rejects.toMatchObject({
      code: expect.stringMatching(/^(server_error|unreachable)$/),
    })
    expect(received.length).toBe(2)
  })

  it('includes a search, although that is a POST', async () => {
    const { client, received } = await start({}, drop, json(200, { data: [], cursor: null }))
    await expect(client.search({ query: { type: 'match_all' } })).resolves.toEqual({ data: [], cursor: null })
    expect(received.length).toBe(2)
  })

  it('includes a delete, for which a record gone at the second attempt is a success', async () => {
    const gone = json(404, { error: 'Not found' })
    const first = await start({}, drop, gone)
    await expect(first.client.leads.delete('lead_1')).resolves.toBeUndefined()
    const second = await start({}, gone)
    await expect(second.client.leads.delete('lead_1')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('#46 times out, and is then repeated', async () => {
    const { client, received } = await start({ timeoutMs: 150 }, hang, lead)
    await expect(client.leads.get('lead_1')).resolves.toMatchObject({ id: 'lead_1' })
    expect(received.length).toBe(2)
  })
})

describe('rate limits', () => {
  it('are waited for as long as Close says, by every request of the group', async () => {
    const clock = new ManualClock({ jumps: true })
    const limited = json(429, { error: 'x' }, { 'retry-after': '7' })
    const waits: (number | null)[] = []
    const { client, received } = await start({ clock, onWait: (ms) => waits.push(ms) }, limited, lead)
    await client.leads.get('lead_1')
    expect(clock.slept).toEqual([7_000])
    // `onWait` gets the length of the wait, and then its end.
    expect(waits).toEqual([7_000, null])
    expect(received.length).toBe(2)
  })

  it('are told, and nothing else is: who waits for another reason goes on saying so', async () => {
    const waits: (number | null)[] = []
    const onWait = (ms: number | null) => waits.push(ms)
    const { client } = await start({ onWait }, json(503, {}), json(200, { id: 'lead_1' }))
    expect(await client.leads.get('lead_1')).toMatchObject({ id: 'lead_1' })
    expect(waits).toEqual([])
  })

  it('become an error when Close asks for more than the caller would wait', async () => {
    const waits: (number | null)[] = []
    const onWait = (ms: number | null) => waits.push(ms)
    const { client, received } = await start({ onWait }, json(429, {}, { 'retry-after': '900' }))
    await expect(client.leads.get('lead_1')).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: 900,
    })
    // The next one is not even sent.
    await expect(client.leads.get('lead_2')).rejects.toMatchObject({ code: 'rate_limited' })
    expect([received.length, waits]).toEqual([1, []])
  })
})

describe('the credential', () => {
  it('is asked for with every attempt', async () => {
    let asked = 0
    const authorize = async () => {
      asked += 1
      return { type: 'bearer' as const, accessToken: `token-${asked}` }
    }
    const { client, received } = await start({ authorize }, drop, lead)
    await client.leads.get('lead_1')
    expect(received.map((request) => request.headers['authorization'])).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ])
  })

  it('#26 that is always rejected is tried once', async () => {
    const { client, received } = await start({}, json(401, { error: 'Unauthorized' }))
    await expect(client.me()).rejects.toMatchObject({ code: 'unauthorized', status: 401 })
    expect(received.length).toBe(1)
  })

  it('#26 that is always replaced and always rejected is tried twice', async () => {
    const refused: string[] = []
    const rejected = async (auth: CloseAuth) => {
      refused.push(auth.type)
      return true
    }
    const { client, received } = await start({ rejected }, json(401, { error: 'Unauthorized' }))
    await expect(client.leads.create({ name: 'Acme' })).rejects.toMatchObject({ code: 'unauthorized' })
    expect(received.length).toBe(2)
    expect(refused.length).toBe(2)
  })

  it('that changed while the request was under way is tried again', async () => {
    const tokens = ['old', 'new', 'new']
    const authorize = async () => ({ type: 'bearer' as const, accessToken: tokens.shift() ?? 'new' })
    const { client, received } = await start({ authorize }, json(401, {}), lead)
    await client.leads.get('lead_1')
    expect(received.map((request) => request.headers['authorization'])).toEqual(['Bearer old', 'Bearer new'])
  })

  it('passes on what authorize throws', async () => {
    const { client, received } = await start(
      { authorize: () => Promise.reject(new TypeError('no secret')) },
      lead,
    )
    await expect(client.me()).rejects.toThrow(TypeError)
    expect(received.length).toBe(0)
  })
})

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])(
    '#25 are not followed, nor is the credential sent on (%i)',
    async (status) => {
      const other = await startServer(lead)
      const { client, received } = await start(
        {},
        text(status, '', { location: `${other.url}/api/v1/lead/lead_1/` }),
      )
      await expect(client.leads.get('lead_1')).rejects.toMatchObject({
        code: 'server_error',
        status,
        message: expect.stringContaining('redirect'),
      })
      expect(received.length).toBe(1)
      expect(other.received.length).toBe(0)
    },
  )
})

describe('aborting', () => {
  it('ends a request on its way with the reason', async () => {
    const controller = new AbortController()
    const { client } = await start({}, (...args) => {
      hang(...args)
      controller.abort(new Error('enough'))
    })
    await expect(client.leads.get('lead_1', { signal: controller.signal })).rejects.toThrow('enough')
  })

  it('ends a wait, and what has not begun', async () => {
    const controller = new AbortController()
    const { client, received } = await start({ signal: controller.signal }, (response, request, socket) => {
      json(429, {}, { 'retry-after': '60' })(response, request, socket)
      setImmediate(() => controller.abort(new Error('enough')))
    })
    await expect(client.leads.get('lead_1')).rejects.toThrow('enough')
    await expect(client.leads.get('lead_1')).rejects.toThrow('enough')
    expect(received.length).toBe(1)
  })
})

describe('a huge answer', () => {
  it('#46 is not read to its end', async () => {
    let closed = false
    const { client } = await start({ retry: { maxAttempts: 1 } }, (response) => {
      response.on('close', () => {
        closed = true
      })
      response.writeHead(200)
      const chunk = Buffer.alloc(1024 * 1024, 32)
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) {
          // Goes on until the buffer is full, and again when it has drained.
        }
      }
      response.on('drain', more)
      more()
    })
    await expect(client.leads.get('lead_1')).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringContaining('too large'),
    })
    await expect.poll(() => closed).toBe(true)
  })
})
