import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { admin } from '../running.ts'
import { join, password, programOf } from './joining.ts'
import { databases, type Servers, startServers } from './two-servers.ts'

const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'

describe.each(databases)('somebody’s own sign-in on %s', (database) => {
  let servers: Servers
  let boss: Browser
  beforeAll(async () => {
    servers = await startServers(database)
    boss = await servers.one.signedIn()
  })
  afterAll(async () => servers?.[Symbol.asyncDispose]())

  const signIn = async (email: string, secret = password, agent?: string) => {
    const browser = servers.one.browser()
    const answer = await browser.fetch(`${servers.one.url}/api/session`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-latchwork': '1',
        ...(agent === undefined ? {} : { 'user-agent': agent }),
      },
      body: JSON.stringify({ email, password: secret }),
    })
    expect(answer.status).toBe(200)
    return browser
  }
  const isSignedIn = async (browser: Browser) =>
    (await servers.atOther(browser).client.session.get()).user !== null
  const lastActs = async (action: string) =>
    (await boss.client.audit.list({ query: { action, limit: 5 } })).items

  it('has a name that its person changes, and the log has both', async () => {
    const member = await join(servers.one, boss, 'Rowan')
    expect(await member.client.profile.rename({ body: { name: ' Rowan Reed ' } })).toMatchObject({
      id: member.id,
      name: 'Rowan Reed',
      role: 'member',
    })
    expect((await servers.atOther(member.browser).client.session.get()).user?.name).toBe('Rowan Reed')
    expect((await lastActs('member.rename'))[0]).toMatchObject({
      object: { id: member.id },
      after: { name: 'Rowan Reed', nameBefore: 'Rowan' },
    })
    for (const name of ['', 'a\u0000b', 'x'.repeat(201)]) {
      expect(await problem(member.client.profile.rename({ body: { name } }))).toMatchObject({ status: 400 })
    }
  })

  it('has a password that is changed by who knows it, and then all else is signed out', async () => {
    const member = await join(servers.one, boss, 'Sorrel')
    const elsewhere = await signIn(member.email)
    const program = await programOf(servers.one, member.browser)
    const terminal = await terminalOf(member.browser)
    const newPassword = 'quite another pass phrase'
    const change = (body: { currentPassword: string | null; newPassword: string }) =>
      member.client.profile.password({ body })
    expect(await problem(change({ currentPassword: 'a wrong pass phrase', newPassword }))).toMatchObject({
      status: 403,
      code: 'password_wrong',
    })
    expect(await problem(change({ currentPassword: null, newPassword }))).toMatchObject({
      code: 'proof_needed',
    })
    expect(await problem(change({ currentPassword: password, newPassword: 'short' }))).toMatchObject({
      code: 'invalid_input',
    })
    expect(await isSignedIn(elsewhere)).toBe(true)

    await change({ currentPassword: password, newPassword })
    expect(await isSignedIn(elsewhere)).toBe(false)
    expect(await terminalWorks(terminal)).toBe(false)
    expect(await isSignedIn(member.browser)).toBe(true)
    expect((await program.client.session.get()).user?.id).toBe(member.id)
    expect(
      await problem(member.client.session.signIn({ body: { email: member.email, password } })),
    ).toMatchObject({
      code: 'sign_in_failed',
    })
    await signIn(member.email, newPassword)
    const [done, refused] = await lastActs('member.password')
    expect(done).toMatchObject({ result: 'ok', after: { signedOut: 2, provenBy: 'password' } })
    expect(refused).toMatchObject({ result: 'refused' })
    expect((await member.client.alerts.list()).items[0]).toMatchObject({
      kind: 'sign_in',
      title: 'The password of Sorrel was changed',
    })
  })

  it.each([
    [
      'a new password',
      (member: Browser) =>
        member.client.profile.password({ body: { currentPassword: password, newPassword: `${password}!` } }),
    ],
    ['the end of all others', (member: Browser) => member.client.signIns.endOthers()],
    [
      'the end of the place that allowed it',
      async (member: Browser, email: string) => {
        const [own] = (await member.client.signIns.list()).items
        await (await signIn(email)).client.signIns.end({ params: { id: own?.id ?? '' } })
      },
    ],
  ])('#53 %s ends a terminal that was allowed and has not fetched its token', async (what, end) => {
    const member = await join(servers.one, boss, `Yarrow${what.length}`)
    const program = servers.other.browser()
    const { deviceCode, userCode } = await program.client.devices.begin({ body: { deviceName: 'thief' } })
    await member.client.devices.decide({ body: { userCode, allow: true } })
    await end(member.browser, member.email)
    const poll = program.client.devices.poll({ body: { deviceCode } })
    expect(await problem(poll)).toMatchObject({ code: 'expired_token' })
  })

  it('#53 has a new password, and a link for another one is void', async () => {
    const member = await join(servers.one, boss, 'Zinnia')
    const { link } = await boss.client.passwordResets.create({ params: { id: member.id } })
    const token = new URL(link).searchParams.get('token') ?? ''
    await member.client.profile.password({
      body: { currentPassword: password, newPassword: 'chosen before the link was used' },
    })
    const accept = servers.other.browser().client.passwordResets.accept({
      body: { token, password: 'chosen by a found link' },
    })
    expect(await problem(accept)).toMatchObject({ code: 'reset_link_invalid' })
  })

  it('#43 is listed by browser and terminal, without a token', async () => {
    const member = await join(servers.one, boss, 'Tansy')
    const other = await signIn(member.email, password, firefox)
    const terminal = await terminalOf(member.browser)
    await programOf(servers.one, member.browser)
    await terminalWorks(terminal)
    const { items } = await other.client.signIns.list()
    expect(items.map(({ kind, client, current }) => ({ kind, client, current }))).toEqual(
      expect.arrayContaining([
        { kind: 'browser', client: 'Firefox on Windows', current: true },
        { kind: 'browser', client: 'A browser', current: false },
        { kind: 'terminal', client: 'oak', current: false },
      ]),
    )
    expect(items).toHaveLength(3)
    expect(items[0]).toMatchObject({ current: true, method: 'password', address: '127.0.0.1' })
    for (const { createdAt, lastUsedAt } of items) {
      expect(Date.parse(lastUsedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(createdAt))
    }
    const cookie = [...other.cookies.values()][0]?.get('__Host-latchwork') ?? ''
    const said = JSON.stringify(items)
    expect(cookie.length).toBeGreaterThan(20)
    expect(said).not.toContain(decodeURIComponent(cookie).split('.')[0])
    expect(said).not.toContain(terminal)
    expect((await boss.client.signIns.list()).items.some(({ client }) => client === 'oak')).toBe(false)
  })

  it('ends one place or all others at once, in every process, and nobody else’s', async () => {
    const member = await join(servers.one, boss, 'Umber')
    const [second, third] = [await signIn(member.email), await signIn(member.email)]
    const terminal = await terminalOf(member.browser)
    const currentOf = async (browser: Browser) =>
      (await browser.client.signIns.list()).items.find(({ current }) => current)?.id ?? ''
    const secondId = await currentOf(second)
    const end = (browser: Browser, id: string) => browser.client.signIns.end({ params: { id } })
    expect(await problem(end(boss, secondId))).toMatchObject({ code: 'sign_in_not_found' })
    expect(await isSignedIn(second)).toBe(true)

    await end(member.browser, secondId)
    expect(await isSignedIn(second)).toBe(false)
    expect(await problem(end(member.browser, secondId))).toMatchObject({ status: 404 })
    const places = (await member.client.signIns.list()).items
    await end(member.browser, places.find(({ kind }) => kind === 'terminal')?.id ?? '')
    expect(await terminalWorks(terminal)).toBe(false)
    // A token that was made for a program is no place where somebody is signed in.
    const { token } = await member.client.tokens.create({ body: { name: 'nightly' } })
    expect(await problem(end(member.browser, token.id))).toMatchObject({ code: 'sign_in_not_found' })

    const mate = await terminalOf(member.browser)
    expect(await member.client.signIns.endOthers()).toEqual({ ended: 2 })
    expect([await isSignedIn(third), await terminalWorks(mate)]).toEqual([false, false])
    expect([await isSignedIn(member.browser), await isSignedIn(boss)]).toEqual([true, true])
    expect((await lastActs('sign_in.'))[0]).toMatchObject({
      action: 'sign_in.end_others',
      after: { signedOut: 2 },
    })
  })

  it('does not come back by a request that was under way when it was ended', async () => {
    const member = await join(servers.one, boss, 'Vetch')
    const { sessions } = servers.one.app.stores
    const [row] = await sessions.ofUser(member.id)
    const { keyHash } = await servers.one.app.stores.database.tables
      .selectFrom('sessions')
      .select('keyHash')
      .where('id', '=', row?.id ?? '')
      .executeTakeFirstOrThrow()
    const value = (await sessions.get(keyHash)) ?? ''
    await member.client.session.signOut()
    // better-auth moves the end of a session on by reading it and writing it again.
    await sessions.set(keyHash, value, Date.now() + 3_600_000, member.id)
    expect(await sessions.get(keyHash)).toBeNull()
    expect(await isSignedIn(member.browser)).toBe(false)
  })

  it('goes on for sessions of before this list, and they are ended with the others', async () => {
    const member = await join(servers.one, boss, 'Willow')
    const old = await signIn(member.email)
    await servers.one.app.stores.kysely
      .withTables<{ sessions: Record<string, unknown> }>()
      .updateTable('sessions')
      .set({ id: null, user_id: null, created_at: null, last_used_at: null, client: null })
      .where('user_id', '=', member.id)
      .execute()
    expect(await isSignedIn(member.browser)).toBe(true)
    expect((await member.client.signIns.endOthers()).ended).toBe(1)
    expect(await isSignedIn(old)).toBe(false)
    expect((await member.client.signIns.list()).items).toHaveLength(1)
  })

  it('#53 is over when a member is removed', async () => {
    const member = await join(servers.one, boss, 'Yarrow')
    const terminal = await terminalOf(member.browser)
    await boss.client.members.remove({ params: { id: member.id }, query: {} })
    expect([await isSignedIn(member.browser), await terminalWorks(terminal)]).toEqual([false, false])
    expect(await servers.one.app.stores.sessions.ofUser(member.id)).toEqual([])
  })

  /** The token of a terminal that the person confirmed. */
  async function terminalOf(person: Browser): Promise<string> {
    const terminal = servers.one.browser()
    const codes = await terminal.client.devices.begin({ body: { deviceName: 'oak' } })
    await person.client.devices.decide({ body: { userCode: codes.userCode, allow: true } })
    return (await terminal.client.devices.poll({ body: { deviceCode: codes.deviceCode } })).secret
  }

  async function terminalWorks(token: string): Promise<boolean> {
    const headers = { authorization: `Bearer ${token}` }
    const { status } = await servers.other.browser().fetch(`${servers.other.url}/api/tokens`, { headers })
    return status === 200
  }

  it('is the administrator’s too', async () => {
    expect((await boss.client.signIns.list()).items[0]).toMatchObject({ current: true })
    await boss.client.profile.password({
      body: { currentPassword: admin.password, newPassword: admin.password },
    })
  })
})
