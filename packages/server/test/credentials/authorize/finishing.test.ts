import { ApiError, type ResourceRole } from '@latchwork/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, consent, location } from '../../browser.ts'
import { join, programOf } from '../../identity/joining.ts'
import { publicUrl } from '../../running.ts'
import { type Served, serve } from '../../torture/served.ts'

/*
 * At the end of an authorization, the rights of the person who began it are checked again. The person knew whose
 * credential it is.
 */
describe.each(['sqlite', 'postgres'] as const)('on %s', (store) => {
  let served: Served
  let count = 0
  beforeAll(async () => {
    served = await serve(store)
  })
  afterAll(() => served?.[Symbol.asyncDispose]())

  const administrator = () => served.person.client
  const newMember = (role: 'admin' | 'member' = 'member') => {
    count += 1
    return join(served.server, served.person, `Member${store}${count}`, role)
  }
  const alive = () => served.sandbox.control.grants().filter((grant) => grant.alive).length
  const oauthApp = () => served.sandbox.oauthApps[0] ?? { clientId: '', clientSecret: '' }

  async function draftOf(client: Browser['client']): Promise<string> {
    const { clientId, clientSecret } = oauthApp()
    const body = { connector: 'close', method: 'oauth2', draft: true, values: { clientId, clientSecret } }
    return (await client.credentials.create({ body })).id
  }

  async function allowed(browser: Browser, client: Browser['client'], id: string, confirmOwner?: string) {
    const body = { display: 'page' as const, ...(confirmOwner === undefined ? {} : { confirmOwner }) }
    const { authorizeUrl } = await client.credentials.authorize({ params: { id }, body })
    const organizationId = served.sandbox.organizations[0]?.id ?? ''
    return consent(browser, authorizeUrl, { decision: 'allow', organizationId })
  }

  async function finish(browser: Browser, callback: string): Promise<string | null> {
    return new URL(location(await browser.fetch(callback)), publicUrl).searchParams.get('result')
  }

  /** A saved credential of the administrator, signed in. */
  async function saved(): Promise<string> {
    const id = await draftOf(administrator())
    expect(await finish(served.person, await allowed(served.person, administrator(), id))).toBe('ok')
    count += 1
    await administrator().credentials.save({ params: { id }, body: { name: `Saved ${store} ${count}` } })
    return id
  }

  const shareWith = (id: string, memberId: string, role: Exclude<ResourceRole, 'owner'> | null) =>
    administrator().credentialAccess.set({ params: { id }, body: { memberId, role } })

  async function refusedAtEnd(browser: Browser, callback: string, id: string): Promise<void> {
    const before = alive()
    const row = await served.server.app.stores.credentials.find(id)
    expect(await finish(browser, callback)).toBe('authorization_withdrawn')
    // Allowed at Close, and ended there again.
    expect(alive()).toBe(before - 1)
    expect(await served.server.app.stores.credentials.find(id)).toEqual(row)
    const { items } = await administrator().audit.list({ query: { action: 'credential.authorized' } })
    expect(items[0]).toMatchObject({ result: 'failed', reason: 'authorization_withdrawn' })
  }

  describe('#52 an authorization whose right ended between its two halves is refused, and its grant ended', () => {
    it('signed out', async () => {
      const { browser, client } = await newMember()
      const id = await draftOf(client)
      const callback = await allowed(browser, client, id)
      await client.session.signOut()
      await refusedAtEnd(browser, callback, id)
    })

    it('signed out and in again', async () => {
      const { browser, client, email } = await newMember()
      const id = await draftOf(client)
      const callback = await allowed(browser, client, id)
      await client.session.signOut()
      await client.session.signIn({ body: { email, password: 'another long pass phrase' } })
      await refusedAtEnd(browser, callback, id)
    })

    it('removed', async () => {
      const { browser, client, id: memberId } = await newMember()
      const id = await draftOf(client)
      const callback = await allowed(browser, client, id)
      await administrator().members.remove({ params: { id: memberId } })
      await refusedAtEnd(browser, callback, id)
    })

    it('no administrator any more', async () => {
      const { browser, client, id: memberId } = await newMember('admin')
      const id = await saved()
      const owner = (await administrator().session.get()).user?.id ?? ''
      const callback = await allowed(browser, client, id, owner)
      await administrator().members.update({ params: { id: memberId }, body: { role: 'member' } })
      await refusedAtEnd(browser, callback, id)
    })

    it('without the role for the credential any more', async () => {
      const { browser, client, id: memberId } = await newMember()
      const id = await saved()
      await shareWith(id, memberId, 'admin')
      const owner = (await administrator().session.get()).user?.id ?? ''
      for (const role of ['operator', null] as const) {
        await shareWith(id, memberId, 'admin')
        const callback = await allowed(browser, client, id, owner)
        await shareWith(id, memberId, role)
        await refusedAtEnd(browser, callback, id)
      }
    })

    it('begun by an API token that was revoked', async () => {
      const { browser, client } = await newMember()
      const program = await programOf(served.server, browser)
      const id = await draftOf(client)
      const { authorizeUrl, cookie } = await beginWithToken(program.token, id)
      const organizationId = served.sandbox.organizations[0]?.id ?? ''
      const callback = await consent(browser, authorizeUrl, { decision: 'allow', organizationId })
      const [token] = (await client.tokens.list()).items
      await client.tokens.delete({ params: { id: token?.id ?? '' } })
      const before = alive()
      const answer = await browser.fetch(callback, { headers: { cookie } })
      expect(location(answer)).toContain('result=authorization_withdrawn')
      expect(alive()).toBe(before - 1)
    })

    it('of a credential that was handed to another meanwhile', async () => {
      const { id: memberId } = await newMember()
      const id = await saved()
      const callback = await allowed(served.person, administrator(), id)
      await administrator().credentialAccess.transfer({ params: { id }, body: { to: memberId } })
      await refusedAtEnd(served.person, callback, id)
    })

    it('of a credential that was deleted meanwhile', async () => {
      const id = await saved()
      const callback = await allowed(served.person, administrator(), id)
      await administrator().credentials.delete({ params: { id } })
      await expect.poll(alive).toBeGreaterThan(0)
      expect(await finish(served.person, callback)).toBe('credential_not_found')
      expect(served.sandbox.control.grants().at(-1)).toMatchObject({ alive: false })
    })
  })

  async function beginWithToken(token: string, id: string) {
    const browser = served.server.browser()
    const answer = await browser.fetch(`${served.server.url}/api/credentials/${id}/authorize`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ display: 'page' }),
    })
    expect(answer.status).toBe(200)
    const cookie = [...browser.cookies.values()].flatMap((jar) =>
      [...jar].map(([name, value]) => `${name}=${value}`),
    )
    const { authorizeUrl } = JSON.parse(answer.body) as { authorizeUrl: string } // the contract's own shape
    return { authorizeUrl, cookie: cookie.join('; ') }
  }

  describe("#60 tokens in another's credential", () => {
    it('are refused to whoever has not said whose it is, with owner, asker and application named', async () => {
      const { client, id: ownerId, email } = await newMember()
      const id = await draftOf(client)
      const refusal = await allowed(served.person, administrator(), id).catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(ApiError)
      expect(refusal).toMatchObject({ problem: { code: 'authorization_for_another', status: 409 } })
      const reported = refusal instanceof ApiError ? refusal.message : ''
      expect(reported).toContain(email)
      expect(reported).toContain(oauthApp().clientId)
      expect(reported).toContain('asked for it')
      await expect(allowed(served.person, administrator(), id, 'usr_another')).rejects.toMatchObject({
        code: 'authorization_for_another',
      })
      const callback = await allowed(served.person, administrator(), id, ownerId)
      expect(await finish(served.person, callback)).toBe('ok')
      const { items } = await administrator().audit.list({ query: { action: 'credential.authorized' } })
      expect(items[0]).toMatchObject({ after: { ownerId } })
    })

    it('are not asked about by their owner', async () => {
      const { browser, client } = await newMember()
      expect(await finish(browser, await allowed(browser, client, await draftOf(client)))).toBe('ok')
    })

    it('are spoken of by who asked, only to whom may change them', async () => {
      const { client: asker, id: askerId, email } = await newMember()
      const { client: stranger } = await newMember()
      const id = await saved()
      const params = { id }
      const metadata = () => administrator().credentials.authorization({ params })
      const { user } = await administrator().session.get()
      const owner = { id: user?.id, name: user?.name, email: user?.email }
      const application = oauthApp().clientId
      expect(await metadata()).toEqual({ owner, asker: null, askedAt: null, refusal: null, application })
      await shareWith(id, askerId, 'admin')
      const { url } = await asker.credentials.askAuthorization({ params })
      expect(url).toBe(`${publicUrl}/authorize/${id}`)
      expect(await metadata()).toMatchObject({ owner, asker: { id: askerId, email }, application })
      for (const call of ['authorization', 'askAuthorization'] as const)
        await expect(stranger.credentials[call]({ params })).rejects.toMatchObject({
          code: 'credential_not_found',
        })
      await shareWith(id, askerId, 'operator')
      await expect(asker.credentials.authorization({ params })).rejects.toMatchObject({ code: 'forbidden' })
    })
  })
})
