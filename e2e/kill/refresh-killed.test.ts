import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authorizeDraft, grant } from '../../tools/demo/authorize.ts'
import { killAndRestart, type Session, startSession, until } from './session.ts'

let session: Session
let organizationId: string
beforeAll(async () => {
  session = await startSession(5)
  organizationId = session.demo.sandbox.organizations[0]?.id ?? ''
})
afterAll(() => session.demo.stop())

/** But for those without a token, which ask only whether Close answers. */
const tokenPosts = () =>
  session.demo.sandbox.control
    .requests()
    .filter(
      ({ path, status, tokenFingerprint }) =>
        path === '/oauth2/token/' && (status !== 400 || tokenFingerprint !== null),
    ).length

/** A saved credential with an expired access token, so that the next use must refresh it. */
async function expiredCredential(name: string): Promise<string> {
  const { client, browse, demo } = session
  demo.sandbox.control.setAccessTokenLifetime(1)
  const id = await authorizeDraft(client, browse, demo, organizationId)
  demo.sandbox.control.setAccessTokenLifetime(3600)
  await client.credentials.save({ params: { id }, body: { name } })
  demo.sandbox.control.clearRequests()
  return id
}

/** Starts a check, which must refresh, and kills the server when the token request has reached Close. */
async function killDuringRefresh(id: string): Promise<void> {
  const check = session.client.credentials.check({ params: { id } }).catch(() => undefined)
  await until(tokenPosts, (count) => count === 1)
  await killAndRestart(session)
  await check
  session.demo.sandbox.control.clearFaults()
}

const check = (id: string) =>
  until(
    () => session.client.credentials.check({ params: { id } }),
    // The others wait until the lease of the killed process has run out.
    (credential) => credential.status !== 'unverified',
  )

describe('a server killed while it refreshes a token', () => {
  it('uses the same grant after its restart when Close had not carried the request out', async () => {
    const id = await expiredCredential('killed before')
    session.demo.sandbox.control.addFault({ target: 'token', kind: 'hang', when: 'before' })
    await killDuringRefresh(id)
    const credential = await check(id)
    expect(credential).toMatchObject({ status: 'verified', reason: null })
    expect(tokenPosts()).toBe(2)
  }, 150_000)

  it('says that the answer was lost when Close had, and works again once authorized', async () => {
    const id = await expiredCredential('killed after')
    session.demo.sandbox.control.addFault({ target: 'token', kind: 'hang', when: 'after' })
    await killDuringRefresh(id)
    const credential = await check(id)
    expect(credential).toMatchObject({ status: 'failed', reason: { code: 'lost_rotation' } })
    expect(credential.reason?.message).toMatch(/sign in again/i)
    expect(tokenPosts()).toBe(2)

    await session.client.credentials.check({ params: { id } })
    expect(tokenPosts()).toBe(2)
    await grant(session.client, session.browse, session.demo, id, organizationId)
    const healed = await session.client.credentials.check({ params: { id } })
    expect(healed).toMatchObject({ id, status: 'verified', name: 'killed after' })
  }, 150_000)

  it('keeps the pair that was saved', async () => {
    const id = await expiredCredential('killed later')
    await session.client.credentials.check({ params: { id } })
    expect(tokenPosts()).toBe(1)
    await killAndRestart(session)
    expect(await check(id)).toMatchObject({ status: 'verified' })
    expect(tokenPosts()).toBe(1)
  }, 150_000)
})
