import type { Passkey } from '@latchwork/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { publicUrl } from '../running.ts'
import { Authenticator, type Oddity } from './authenticator.ts'
import { join, password, programOf } from './joining.ts'
import { databases, type Servers, startServers } from './two-servers.ts'

describe.each(databases)('passkeys on %s', (database) => {
  let servers: Servers
  let boss: Browser
  beforeAll(async () => {
    servers = await startServers(database)
    boss = await servers.one.signedIn()
  })
  afterAll(async () => servers?.[Symbol.asyncDispose]())

  async function add(person: Browser, authenticator: Authenticator, odd: Oddity = {}): Promise<Passkey> {
    const options = await person.client.passkeys.begin({ body: { currentPassword: password } })
    return person.client.passkeys.add({
      body: { name: 'My laptop', passkey: authenticator.make(options, odd) },
    })
  }
  async function signIn(authenticator: Authenticator, odd: Oddity = {}): Promise<Browser> {
    const browser = servers.one.browser()
    const options = await browser.client.passkeySignIn.begin()
    await browser.client.passkeySignIn.finish({ body: { passkey: authenticator.prove(options, odd) } })
    return browser
  }

  it('are added, named, signed in with, and removed', async () => {
    const member = await join(servers.one, boss, 'Alder')
    const authenticator = new Authenticator(publicUrl)
    const made = await add(member.browser, authenticator)
    expect(made).toMatchObject({ name: 'My laptop', synced: false, lastUsedAt: null })
    const browser = await signIn(authenticator)
    expect((await servers.atOther(browser).client.session.get()).user?.id).toBe(member.id)
    expect((await browser.client.signIns.list()).items[0]).toMatchObject({ method: 'passkey', current: true })
    const params = { id: made.id }
    await browser.client.passkeys.rename({ params, body: { name: 'Old laptop' } })
    const { items } = await member.client.passkeys.list()
    expect(items).toMatchObject([{ id: made.id, name: 'Old laptop', lastUsedAt: expect.any(String) }])

    // Nobody else's.
    expect((await boss.client.passkeys.list()).items).toEqual([])
    expect(await problem(boss.client.passkeys.remove({ params }))).toMatchObject({
      code: 'passkey_not_found',
    })
    await member.client.passkeys.remove({ params })
    expect(await problem(signIn(authenticator))).toMatchObject({ status: 401, code: 'passkey_refused' })
    const acts = (await boss.client.audit.list({ query: { limit: 50 } })).items
    for (const action of ['passkey.begin', 'passkey.add', 'passkey.rename', 'passkey.remove']) {
      expect(acts.map((act) => act.action)).toContain(action)
    }
    expect(acts.find(({ after }) => after?.['method'] === 'passkey')).toMatchObject({
      action: 'session.sign_in',
      actor: { id: member.id },
    })
    expect(acts).toContainEqual(
      expect.objectContaining({ action: 'session.sign_in', result: 'refused', reason: 'passkey_refused' }),
    )
    expect((await member.client.alerts.list()).items.map(({ title }) => title)).toContain(
      'A passkey was added for Alder',
    )
  })

  it('are added by who proves to be the person, in the very session that began, and not by a token', async () => {
    const member = await join(servers.one, boss, 'Beech')
    const begin = (currentPassword: string | null, browser = member.browser) =>
      browser.client.passkeys.begin({ body: { currentPassword } })
    expect(await problem(begin('a wrong pass phrase'))).toMatchObject({ code: 'password_wrong' })
    expect(await problem(begin(null))).toMatchObject({ code: 'proof_needed' })
    const program = await programOf(servers.one, member.browser)
    expect(
      await problem(program.client.passkeys.begin({ body: { currentPassword: password } })),
    ).toMatchObject({ code: 'forbidden' })

    const options = await begin(password)
    const authenticator = new Authenticator(publicUrl)
    const elsewhere = servers.one.browser()
    await elsewhere.client.session.signIn({ body: { email: member.email, password } })
    const body = { name: 'Key', passkey: authenticator.make(options) }
    expect(await problem(elsewhere.client.passkeys.add({ body }))).toMatchObject({ code: 'passkey_refused' })
    await member.client.passkeys.add({ body })
    expect(await problem(member.client.passkeys.add({ body }))).toMatchObject({ code: 'passkey_refused' })
    const again = { name: 'Key', passkey: authenticator.make(await begin(password)) }
    expect(await problem(member.client.passkeys.add({ body: again }))).toMatchObject({
      code: 'passkey_taken',
    })

    // A person who just signed in by a passkey needs no password, for this and for a new password.
    const browser = await signIn(authenticator)
    await begin(null, browser)
    const newPassword = 'a pass phrase by passkey'
    await browser.client.profile.password({ body: { currentPassword: null, newPassword } })
    expect((await member.client.session.get()).user).toBeNull()
    await servers.one.app.stores.database.tables
      .updateTable('sessions')
      .set({ createdAt: Date.now() - 11 * 60_000 })
      .where('userId', '=', member.id)
      .execute()
    expect(await problem(begin(null, browser))).toMatchObject({ code: 'proof_needed' })
  })

  it('are refused for another site, without the person, copied, replayed, or from another browser', async () => {
    const member = await join(servers.one, boss, 'Cherry')
    const odd: Oddity[] = [
      { origin: 'https://localhost:8444' },
      { origin: 'https://latchwork.example' },
      { rpId: 'latchwork.example' },
      { userVerified: false },
      { type: 'webauthn.other' },
    ]
    for (const one of odd) {
      expect(await problem(add(member.browser, new Authenticator(publicUrl), one))).toMatchObject({
        code: 'passkey_refused',
      })
    }
    const authenticator = new Authenticator(publicUrl)
    await add(member.browser, authenticator)
    for (const one of odd) {
      expect(await problem(signIn(authenticator, one)), JSON.stringify(one)).toMatchObject({
        code: 'passkey_refused',
      })
    }
    await signIn(authenticator, { counter: 7 })
    expect(await problem(signIn(authenticator, { counter: 7 }))).toMatchObject({ code: 'passkey_refused' })
    await signIn(authenticator, { counter: 8 })

    const browser = servers.one.browser()
    const options = await browser.client.passkeySignIn.begin()
    const body = { passkey: authenticator.prove(options, { counter: 9 }) }
    const other = servers.one.browser()
    await other.client.passkeySignIn.begin()
    for (const stranger of [other, servers.one.browser()]) {
      expect(await problem(stranger.client.passkeySignIn.finish({ body }))).toMatchObject({
        code: 'passkey_refused',
      })
    }
    await browser.client.passkeySignIn.finish({ body })
    const again = { passkey: authenticator.prove(options, { counter: 10 }) }
    expect(await problem(browser.client.passkeySignIn.finish({ body: again }))).toMatchObject({
      code: 'passkey_refused',
    })
    // Signed by another key under the same name, and over another challenge.
    const forged = new Authenticator(publicUrl)
    const fresh = await browser.client.passkeySignIn.begin()
    const stolen = { ...forged.prove(fresh, { counter: 11 }), id: authenticator.id.toString('base64url') }
    for (const passkey of [
      { ...stolen, rawId: stolen.id },
      authenticator.prove({ ...fresh, challenge: 'bm90IG91cnM' }, { counter: 12 }),
      forged.prove(fresh, { counter: 13 }),
    ]) {
      expect(await problem(browser.client.passkeySignIn.finish({ body: { passkey } }))).toMatchObject({
        code: 'passkey_refused',
      })
    }
  })

  it('are refused when the challenge is over', async () => {
    const member = await join(servers.one, boss, 'Elder')
    const authenticator = new Authenticator(publicUrl)
    await add(member.browser, authenticator)
    const browser = servers.one.browser()
    const options = await browser.client.passkeySignIn.begin()
    await servers.one.app.stores.database.tables
      .updateTable('passkeyChallenges')
      .set({ expiresAt: Date.now() - 1 })
      .execute()
    const body = { passkey: authenticator.prove(options) }
    expect(await problem(browser.client.passkeySignIn.finish({ body }))).toMatchObject({
      code: 'passkey_refused',
    })
  })

  it('#53 die with their member, and stay when a password is reset', async () => {
    const member = await join(servers.one, boss, 'Fir')
    const authenticator = new Authenticator(publicUrl)
    await add(member.browser, authenticator)
    const { link } = await boss.client.passwordResets.create({ params: { id: member.id } })
    const token = new URL(link).searchParams.get('token') ?? ''
    expect(await servers.one.browser().client.passwordResets.look({ body: { token } })).toMatchObject({
      passkeys: 1,
    })
    await servers.one
      .browser()
      .client.passwordResets.accept({ body: { token, password: 'a new pass phrase' } })
    await signIn(authenticator)
    await boss.client.members.remove({ params: { id: member.id }, query: {} })
    expect(await problem(signIn(authenticator))).toMatchObject({ code: 'passkey_refused' })
    expect(await servers.one.app.stores.passkeys.ofUser(member.id)).toEqual([])
  })
})
