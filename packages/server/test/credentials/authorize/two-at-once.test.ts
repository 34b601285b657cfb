import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { consent } from '../../browser.ts'
import { join } from '../../identity/joining.ts'
import { AuthorizationGround } from './authorization-ground.ts'

let ground: AuthorizationGround
beforeAll(async () => {
  ground = await AuthorizationGround.prepare()
})
afterAll(() => ground?.[Symbol.asyncDispose]())
afterEach(() => ground.sandbox.control.clearFaults())

const alive = () => ground.sandbox.control.grants().filter((grant) => grant.alive).length
const asked = () => ground.sandbox.control.requests().filter(({ path }) => path === '/api/v1/me/').length

/** A saved credential of the first organization. */
async function saved(name: string): Promise<string> {
  const { id } = await ground.draft()
  expect((await ground.authorize(id)).searchParams.get('result')).toBe('ok')
  await ground.person.client.credentials.save({ params: { id }, body: { name } })
  return id
}

/** A callback that has its tokens and asks Close whose they are, and is answered later. */
async function waiting(finish: () => Promise<URL>): Promise<{ readonly ended: Promise<URL> }> {
  const before = asked()
  ground.sandbox.control.addFault({ target: '/api/v1/me/', kind: 'delay', delayMs: 4000, times: 1 })
  const ended = finish()
  await expect.poll(asked, { timeout: 10_000, interval: 20 }).toBeGreaterThan(before)
  return { ended }
}

it('#59 the earlier account does not come back unconfirmed by an authorization that ends later', async () => {
  const id = await saved('Two at once')
  const first = await consent(ground.person, await ground.begin(id), {
    decision: 'allow',
    organizationId: ground.organization(0),
  })
  const { ended } = await waiting(() => ground.finish(first))

  // Meanwhile a person moves the credential to another organization, having seen both.
  const { authorizeUrl } = await ground.person.client.credentials.authorize({
    params: { id },
    body: { display: 'popup', confirmIdentityChange: true },
  })
  const second = await consent(ground.person, authorizeUrl, {
    decision: 'allow',
    organizationId: ground.organization(1),
  })
  expect((await ground.finish(second)).searchParams.get('result')).toBe('ok')

  expect((await ended).searchParams.get('result')).toBe('identity_changed')
  expect((await ground.get(id)).identity?.organizationId).toBe(ground.organization(1))
  // The grant that was not saved is ended at Close, as is the replaced one. The third works.
  await expect.poll(alive).toBe(1)
  expect(await ground.person.client.credentials.check({ params: { id } })).toMatchObject({
    status: 'verified',
  })
})

it('#52 nothing is saved for somebody whose right ended while Close was asked', async () => {
  const id = await saved('Withdrawn meanwhile')
  const member = await join(ground.server, ground.person, 'Meanwhile')
  const share = (role: 'admin' | null) =>
    ground.person.client.credentialAccess.set({ params: { id }, body: { memberId: member.id, role } })
  await share('admin')
  const owner = (await ground.person.client.session.get()).user?.id ?? ''
  const { authorizeUrl } = await member.client.credentials.authorize({
    params: { id },
    body: { display: 'page', confirmOwner: owner },
  })
  const callback = await consent(member.browser, authorizeUrl, {
    decision: 'allow',
    organizationId: ground.organization(0),
  })
  const before = alive()
  const { ended } = await waiting(() => ground.finish(callback, member.browser))
  await share(null)
  expect((await ended).searchParams.get('result')).toBe('authorization_withdrawn')
  // Allowed at Close, and ended there again.
  expect(alive()).toBe(before - 1)
})
