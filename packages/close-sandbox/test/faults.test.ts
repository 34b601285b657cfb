import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/index.ts'
import { caller, clientForm, postForm, refresh, send, tokensOf } from './client.ts'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox({ leads: 3 })
})
afterEach(() => sandbox.close())

describe('faults at the token endpoint', () => {
  it.each([500, 429, 503])('answers %i as often as asked, then properly', async (status) => {
    const { refresh: token } = await tokensOf(sandbox)
    sandbox.control.addFault({
      target: 'token',
      kind: 'status',
      status,
      times: 2,
      headers: { 'retry-after': '1' },
    })
    const first = await refresh(sandbox, token)
    expect(first.status).toBe(status)
    expect(first.headers.get('retry-after')).toBe('1')
    expect((await refresh(sandbox, token)).status).toBe(status)
    expect((await refresh(sandbox, token)).status).toBe(200)
  })

  it('drops the connection before processing: the refresh token still works', async () => {
    const { refresh: token } = await tokensOf(sandbox)
    sandbox.control.addFault({ target: 'token', kind: 'drop' })
    await expect(refresh(sandbox, token)).rejects.toThrow('fetch failed')
    expect((await refresh(sandbox, token)).status).toBe(200)
  })

  it('drops the connection after processing: the refresh token is used up', async () => {
    const { refresh: token } = await tokensOf(sandbox)
    sandbox.control.addFault({ target: 'token', kind: 'drop', when: 'after' })
    await expect(refresh(sandbox, token)).rejects.toThrow('fetch failed')
    expect((await refresh(sandbox, token)).body['error']).toBe('invalid_grant')
    expect(sandbox.control.requests().at(-2)).toMatchObject({
      outcome: 'dropped',
      fault: 'drop',
      grantId: 'grant_1',
    })
  })

  it('answers 200 with nonsense, having processed or not', async () => {
    const { refresh: token } = await tokensOf(sandbox)
    sandbox.control.addFault({ target: 'token', kind: 'nonsense' })
    const spoilt = await refresh(sandbox, token)
    expect(spoilt.status).toBe(200)
    expect(() => JSON.parse(spoilt.text)).toThrow()
    sandbox.control.addFault({ target: 'token', kind: 'nonsense', when: 'after' })
    expect((await refresh(sandbox, token)).status).toBe(200)
    expect((await refresh(sandbox, token)).status).toBe(400)
  })

  it('hangs until the client gives up', async () => {
    sandbox.control.addFault({ target: 'token', kind: 'hang' })
    const body = new URLSearchParams({
      ...clientForm(sandbox),
      grant_type: 'refresh_token',
      refresh_token: 'x',
    })
    const hanging = fetch(`${sandbox.apiUrl}/oauth2/token/`, {
      method: 'POST',
      body,
      signal: AbortSignal.timeout(200),
    })
    await expect(hanging).rejects.toThrow()
    expect(sandbox.control.requests().at(-1)).toMatchObject({ outcome: 'hanging', status: null })
  })

  it('closes although a request hangs', async () => {
    sandbox.control.addFault({ target: 'token', kind: 'hang' })
    const hanging = refresh(sandbox, 'x')
    const failed = expect(hanging).rejects.toThrow('fetch failed')
    await expect.poll(() => sandbox.control.requests().at(-1)?.outcome).toBe('hanging')
    await sandbox.close()
    await failed
    sandbox = await startSandbox({ leads: 1 })
  })

  it('leaves other paths alone', async () => {
    sandbox.control.addFault({ target: 'token', kind: 'status' })
    expect((await caller(sandbox)('GET', '/me/')).status).toBe(200)
    expect(sandbox.control.pendingFaults()).toHaveLength(1)
    sandbox.control.clearFaults()
    expect((await postForm(sandbox, '/oauth2/token/', {})).status).toBe(401)
  })
})

describe('faults at the API', () => {
  it('hit by method and path pattern, after letting some pass', async () => {
    const call = caller(sandbox)
    sandbox.control.addFault({
      target: '/api/v1/lead/*/',
      method: 'get',
      kind: 'status',
      status: 502,
      skip: 1,
    })
    const [lead] = sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'lead')
    const path = `/lead/${lead?.['id']}/`
    expect((await call('GET', '/lead/')).status).toBe(200)
    expect((await call('GET', path)).status).toBe(200)
    expect((await call('PUT', path, { name: 'New' })).status).toBe(200)
    expect((await call('GET', path)).status).toBe(502)
    expect((await call('GET', path)).status).toBe(200)
  })

  it('lose the answer to a create that was carried out', async () => {
    const organizationId = sandbox.organizations[0]?.id ?? ''
    const before = sandbox.control.truth(organizationId, 'lead').length
    sandbox.control.addFault({ target: 'api', kind: 'drop', when: 'after' })
    await expect(caller(sandbox)('POST', '/lead/', { name: 'In doubt' })).rejects.toThrow('fetch failed')
    expect(sandbox.control.truth(organizationId, 'lead')).toHaveLength(before + 1)
  })

  it('delay an answer', async () => {
    sandbox.control.addFault({ target: 'api', kind: 'delay', delayMs: 120 })
    const start = performance.now()
    expect((await caller(sandbox)('GET', '/me/')).status).toBe(200)
    expect(performance.now() - start).toBeGreaterThan(100)
  })
})

describe('latency', () => {
  it('is changed while running, and requests wait side by side', async () => {
    sandbox.control.setLatency(300)
    const call = caller(sandbox)
    const start = performance.now()
    await Promise.all(Array.from({ length: 20 }, () => call('GET', '/me/')))
    const elapsedMs = performance.now() - start
    expect(elapsedMs).toBeGreaterThan(290)
    // One after the other they would take six seconds.
    expect(elapsedMs).toBeLessThan(3_000)
  })

  it('does not slow the control interface', async () => {
    sandbox.control.setLatency(60_000)
    expect((await send(`${sandbox.apiUrl}/__control/`, 'GET')).status).toBe(200)
  })
})
