import type { Sandbox } from 'close-sandbox'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { failing } from '../audit/faults.ts'
import { type Browser, consent, problem } from '../browser.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'

let sandbox: Sandbox
let server: Running
let person: Browser
beforeAll(async () => {
  const made = await startWithClose({ leads: 5 })
  ;({ sandbox, server, person } = made)
  return made.stop
})
afterEach(() => {
  sandbox.control.clearFaults()
  sandbox.control.clearRequests()
})

async function authorize(id: string, organization: number) {
  const params = { id }
  const { authorizeUrl } = await person.client.credentials.authorize({ params, body: { display: 'popup' } })
  const organizationId = sandbox.organizations[organization]?.id ?? ''
  return person.fetch(await consent(person, authorizeUrl, { decision: 'allow', organizationId }))
}

async function signedIn(name: string) {
  const { clientId = '', clientSecret = '' } = sandbox.oauthApps[0] ?? {}
  const { id } = await person.client.credentials.create({
    body: { connector: 'close', method: 'oauth2', draft: true, values: { clientId, clientSecret } },
  })
  const params = { id }
  await authorize(id, 0)
  await person.client.credentials.save({ params, body: { name } })
  return params
}
const alive = () => sandbox.control.grants().filter((grant) => grant.alive).length
const requests = () => sandbox.control.requests().filter(({ path }) => path === '/oauth2/revoke/').length
const alertsOf = async (id: string) =>
  (await person.client.alerts.list({ query: {} })).items.filter(({ credentialId }) => credentialId === id)

describe('the grant of a deleted credential', () => {
  it('#30 that Close does not know any more has ended', async () => {
    const params = await signedIn('Ended before')
    sandbox.control.revokeGrants({ clientId: sandbox.oauthApps[0]?.clientId ?? '' })
    await person.client.credentials.delete({ params })
    await expect.poll(requests).toBe(1)
    await server.app.tick(new AbortController().signal)
    expect([requests(), await alertsOf(params.id)]).toEqual([1, []])
  })

  it('#30 is alive while Close is away, and ended when it is back', async () => {
    const params = await signedIn('Tried again')
    const before = alive()
    sandbox.control.addFault({ target: 'revoke', kind: 'status', status: 503 })
    await person.client.credentials.delete({ params })
    await expect.poll(requests).toBe(1)
    expect(alive()).toBe(before)
    await expect.poll(alive, { timeout: 20_000 }).toBe(before - 1)
    expect(requests()).toBe(2)
    expect(await alertsOf(params.id)).toEqual([])
  })

  it.each([
    [400, 'unsupported_token_type'],
    [401, 'invalid_client'],
    [404, ''],
  ])(
    '#30 that Close will not end is told to the person, with what to do by hand: %i %s',
    async (status, error) => {
      const params = await signedIn(`Refused ${status}`)
      sandbox.control.addFault({ target: 'revoke', kind: 'status', status, body: JSON.stringify({ error }) })
      await person.client.credentials.delete({ params })
      await expect.poll(() => alertsOf(params.id)).toHaveLength(1)
      const [alert] = await alertsOf(params.id)
      expect(alert?.title).toBe(`Close still allows "Refused ${status}" access`)
      expect(alert?.message).toContain('by hand')
      expect(requests()).toBe(1)
    },
  )

  it('#30 is told as well when the server stops before Close is back', async () => {
    const params = await signedIn('Stopped')
    sandbox.control.addFault({ target: 'revoke', kind: 'drop', times: 10 })
    await person.client.credentials.delete({ params })
    await expect.poll(requests).toBeGreaterThan(0)
    await server.restart()
    expect(await alertsOf(params.id)).toMatchObject([{ kind: 'not_ended' }])
  })
})

describe('the grant of a credential whose deletion was taken back', () => {
  it('#30 lives on: it is ended after the commit, and not before', async () => {
    const params = await signedIn('Kept after all')
    const before = alive()
    const lift = await failing(
      server.app.stores,
      'insert',
      'audit_entries',
      "new.action = 'credential.delete'",
    )
    await problem(person.client.credentials.delete({ params }))
    // What was begun would have been asked for by now.
    await lift()
    await server.restart()
    expect([alive(), requests()]).toEqual([before, 0])
    expect(await person.client.credentials.check({ params })).toMatchObject({ status: 'verified' })
    await person.client.credentials.delete({ params })
    await expect.poll(alive).toBe(before - 1)
  })
})

describe('the grant of a sign-in that was not kept', () => {
  it('#30 is ended when Close is back, and the old one stays', async () => {
    const { id } = await signedIn('Another account')
    const before = alive()
    sandbox.control.addFault({ target: 'revoke', kind: 'status', status: 503 })
    const { headers } = await authorize(id, 1)
    expect(headers['location']).toContain('result=identity_changed')
    expect([alive(), requests()]).toEqual([before + 1, 1])
    await expect.poll(alive, { timeout: 20_000 }).toBe(before)
    expect([requests(), await alertsOf(id)]).toEqual([2, []])
  })
})

describe('the grant that another sign-in replaced', () => {
  it('#30 is ended at Close, and the new one lives', async () => {
    const params = await signedIn('Signed in again')
    const [before] = sandbox.control.grants().slice(-1)
    const { headers } = await authorize(params.id, 0)
    expect(headers['location']).toContain('result=ok')
    const [after] = sandbox.control.grants().slice(-1)
    const state = (id: string | undefined) => sandbox.control.grants().find((grant) => grant.id === id)?.alive
    await expect.poll(() => state(before?.id)).toBe(false)
    expect(state(after?.id)).toBe(true)
    expect(await alertsOf(params.id)).toEqual([])
    expect(await person.client.credentials.check({ params })).toMatchObject({ status: 'verified' })
  })

  it('#30 is ended also when it was of a draft', async () => {
    const { clientId = '', clientSecret = '' } = sandbox.oauthApps[0] ?? {}
    const { id } = await person.client.credentials.create({
      body: { connector: 'close', method: 'oauth2', draft: true, values: { clientId, clientSecret } },
    })
    await authorize(id, 0)
    const before = alive()
    await authorize(id, 1)
    await expect.poll(alive).toBe(before)
  })

  it('#30 that Close did not confirm to have ended is told to the owner, though the page said 200', async () => {
    const params = await signedIn('Answered by a page')
    sandbox.control.addFault({
      target: 'revoke',
      kind: 'status',
      status: 200,
      body: '<html>Hello</html>',
      times: 9,
    })
    await authorize(params.id, 0)
    await expect.poll(() => alertsOf(params.id), { timeout: 20_000 }).toMatchObject([{ kind: 'not_ended' }])
    expect(requests()).toBe(2)
    const [alert] = await alertsOf(params.id)
    expect(alert?.message).toContain('by hand')
  })

  it.each([
    [302, '', { location: '/elsewhere' }],
    [400, '{"error":"invalid_request"}', {}],
    [204, '', {}],
  ])('#30 is told of likewise after %i', async (status, body, headers) => {
    const params = await signedIn(`Answered with ${status}`)
    sandbox.control.addFault({ target: 'revoke', kind: 'status', status, body, headers, times: 9 })
    await authorize(params.id, 0)
    await expect.poll(() => alertsOf(params.id), { timeout: 20_000 }).toMatchObject([{ kind: 'not_ended' }])
  })
})
