import { createCloseClient } from '@latchwork/close'
import { describe, expect, it } from 'vitest'
import { type Answer, drop, dropInBody, hang, json, refusingUrl, startServer, text } from './close-server.ts'
import { ManualClock } from './manual-clock.ts'
import { lead, quickRetry, start } from './started.ts'

describe('a create', () => {
  const unclear: [string, Answer][] = [
    ['the connection was dropped', drop],
    ['the connection was dropped in the body', dropInBody(200)],
    ['no answer came in time', hang],
    ['a gateway gave up', text(504, '')],
    ['the answer is not JSON', text(200, 'ok')],
    ['the answer is empty', text(200, '')],
    ['the answer has no id', json(200, { name: 'Acme' })],
  ]
  it.each(unclear)('#27 is sent once and in doubt when %s', async (_name, answer) => {
    const { client, received } = await start({ timeoutMs: 150 }, answer)
    await expect(client.leads.create({ name: 'Acme' })).rejects.toMatchObject({ code: 'in_doubt' })
    expect(received.length).toBe(1)
  })

  it('is sent once when Close says that it failed', async () => {
    const { client, received } = await start({}, json(500, { error: 'oops' }))
    await expect(client.leads.create({ name: 'Acme' })).rejects.toMatchObject({
      code: 'server_error',
      status: 500,
    })
    expect(received.length).toBe(1)
  })

  it('keeps the wait of a refusal whose explanation was cut off', async () => {
    const clock = new ManualClock({ jumps: true })
    const cut: Answer = (response, request, socket) => {
      response.setHeader('retry-after', '9')
      dropInBody(429)(response, request, socket)
    }
    const { client } = await start({ clock }, cut, lead)
    await client.leads.create({ name: 'Acme' })
    expect(clock.slept).toEqual([9_000])
  })

  it('keeps a refusal whose explanation was cut off', async () => {
    const { client, received } = await start({}, dropInBody(400))
    await expect(client.leads.create({ name: '' })).rejects.toMatchObject({ code: 'invalid', status: 400 })
    expect(received.length).toBe(1)
  })

  it('is sent again when Close only asked to wait', async () => {
    const wait = json(429, {}, { RateLimit: 'limit=10, remaining=0, reset=0.01', 'retry-after': '1' })
    const { client, received } = await start({}, wait, json(503, {}, { 'retry-after': '0' }), lead)
    await expect(client.leads.create({ name: 'Acme' })).resolves.toMatchObject({ id: 'lead_1' })
    expect(received.length).toBe(3)
  })

  it('is sent again when the connection was refused, as nothing was sent', async () => {
    const { url, received } = await startServer(lead)
    const closedUrl = await refusingUrl()
    let attempts = 0
    const client = createCloseClient({
      apiUrl: url,
      authorize: async () => ({ type: 'bearer', accessToken: 'token' }),
      retry: quickRetry,
      fetch: (address, init) => {
        attempts += 1
        return fetch(attempts < 3 ? closedUrl : address, init)
      },
    })
    await expect(client.leads.create({ name: 'Acme' })).resolves.toMatchObject({ id: 'lead_1' })
    expect(attempts).toBe(3)
    expect(received.length).toBe(1)
  })

  it('is unreachable, not in doubt, when every connection is refused', async () => {
    const authorize = async () => ({ type: 'bearer' as const, accessToken: 'token' })
    const client = createCloseClient({ apiUrl: await refusingUrl(), authorize, retry: quickRetry })
    await expect(client.leads.create({ name: 'Acme' })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  it('#27 is sent again in doubt if the caller can tell a duplicate', async () => {
    const { client, received } = await start({}, drop, lead)
    await expect(client.leads.create({ name: 'Acme' }, { repeatable: true })).resolves.toMatchObject({
      id: 'lead_1',
    })
    expect(received.length).toBe(2)
  })
})
