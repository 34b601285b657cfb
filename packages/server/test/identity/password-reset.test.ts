import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { join, password } from './joining.ts'
import { databases, type Servers, startServers } from './two-servers.ts'

const newPassword = 'a pass phrase chosen anew'

describe.each(databases)('a link for a new password on %s', (database) => {
  let servers: Servers
  let boss: Browser
  beforeAll(async () => {
    servers = await startServers(database)
    boss = await servers.one.signedIn()
  })
  afterAll(async () => servers?.[Symbol.asyncDispose]())

  const linkOf = async (maker: Browser, id: string) => {
    const { link, expiresAt } = await maker.client.passwordResets.create({ params: { id } })
    return { token: new URL(link).searchParams.get('token') ?? '', link, expiresAt }
  }
  const accept = (token: string, browser = servers.other.browser()) =>
    browser.client.passwordResets.accept({ body: { token, password: newPassword } })
  const look = (token: string) => servers.other.browser().client.passwordResets.look({ body: { token } })

  it('works once, signs the member out everywhere, and tells who made it', async () => {
    const member = await join(servers.one, boss, 'Aspen')
    const { token, link, expiresAt } = await linkOf(boss, member.id)
    expect(link).toContain('https://localhost:8443/reset?token=')
    const hours = (Date.parse(expiresAt) - Date.now()) / 3_600_000
    expect(hours).toBeGreaterThan(23)
    expect(hours).toBeLessThan(25)
    expect(await look(token)).toEqual({ email: member.email, madeBy: 'Administrator', passkeys: 0 })
    // Nothing has happened to the member yet, and they know already.
    expect((await member.client.alerts.list()).items[0]?.title).toBe('The password of Aspen can be reset')

    const weak = servers.one.browser().client.passwordResets.accept({ body: { token, password: 'short' } })
    expect(await problem(weak)).toMatchObject({ code: 'invalid_input' })
    const browser = servers.other.browser()
    const outcomes = await Promise.allSettled([accept(token, browser), accept(token), accept(token)])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await problem(accept(token))).toMatchObject({ status: 403, code: 'reset_link_invalid' })
    expect(await problem(look(token))).toMatchObject({ code: 'reset_link_invalid' })
    expect((await member.client.session.get()).user).toBeNull()
    const body = { email: member.email, password }
    expect(await problem(member.client.session.signIn({ body }))).toMatchObject({ code: 'sign_in_failed' })
    await member.client.session.signIn({ body: { ...body, password: newPassword } })
    expect((await member.client.alerts.list()).items[0]).toMatchObject({
      kind: 'sign_in',
      title: 'The password of Aspen was reset',
      message: expect.stringContaining('Administrator (wren@hollowoak.example)'),
    })
    const { items } = await boss.client.audit.list({ query: { limit: 20 } })
    expect(items.find(({ action }) => action === 'member.reset_link')).toMatchObject({
      object: { kind: 'member', id: member.id },
      result: 'ok',
    })
    expect(items.filter(({ action }) => action === 'session.reset_password')).toContainEqual(
      expect.objectContaining({ result: 'ok', actor: expect.objectContaining({ id: member.id }) }),
    )
  })

  it('ends when a newer one is made, or when its day is over', async () => {
    const member = await join(servers.one, boss, 'Birch')
    const [older, newer] = [await linkOf(boss, member.id), await linkOf(boss, member.id)]
    expect(await problem(accept(older.token))).toMatchObject({ code: 'reset_link_invalid' })
    await servers.one.app.stores.database.tables
      .updateTable('passwordResets')
      .set({ expiresAt: Date.now() - 1 })
      .where('userId', '=', member.id)
      .execute()
    expect(await problem(look(newer.token))).toMatchObject({ code: 'reset_link_invalid' })
    expect(await problem(accept(newer.token))).toMatchObject({ code: 'reset_link_invalid' })
    expect((await member.client.session.get()).user?.id).toBe(member.id)
  })

  it('#53 is void when its maker is no administrator any more, or its member is gone', async () => {
    const member = await join(servers.one, boss, 'Cedar')
    for (const [name, lose] of [
      ['Demoted', (id: string) => boss.client.members.update({ params: { id }, body: { role: 'member' } })],
      ['Removed', (id: string) => boss.client.members.remove({ params: { id }, query: {} })],
    ] as const) {
      const maker = await join(servers.one, boss, name, 'admin')
      const { token } = await linkOf(maker.browser, member.id)
      expect(await look(token)).toMatchObject({ madeBy: name })
      await lose(maker.id)
      expect(await problem(look(token)), name).toMatchObject({ code: 'reset_link_invalid' })
      expect(await problem(accept(token)), name).toMatchObject({ code: 'reset_link_invalid' })
    }
    const { token } = await linkOf(boss, member.id)
    await boss.client.members.remove({ params: { id: member.id }, query: {} })
    expect(await problem(accept(token))).toMatchObject({ code: 'reset_link_invalid' })
  })

  it('#53 is void when its maker loses the right while the new password is hashed', async () => {
    const member = await join(servers.one, boss, 'Elder')
    const maker = await join(servers.one, boss, 'Falling', 'admin')
    const { token } = await linkOf(maker.browser, member.id)
    const { passwordResets } = servers.other.app.stores
    const found = passwordResets.look
    const looking = vi.spyOn(passwordResets, 'look').mockImplementationOnce(async (tokenHash) => {
      const row = await found(tokenHash)
      await boss.client.members.update({ params: { id: maker.id }, body: { role: 'member' } })
      return row
    })
    expect(await problem(accept(token))).toMatchObject({ code: 'reset_link_invalid' })
    expect(looking).toHaveBeenCalledOnce()
    looking.mockRestore()
    expect((await member.client.session.get()).user?.id).toBe(member.id)
  })

  it('#43 is kept as a hash, made by administrators only, for members only', async () => {
    const member = await join(servers.one, boss, 'Dogwood')
    const { token } = await linkOf(boss, member.id)
    const rows = await servers.one.app.stores.database.tables
      .selectFrom('passwordResets')
      .selectAll()
      .execute()
    expect(JSON.stringify(rows)).toContain(member.id)
    expect(JSON.stringify(rows)).not.toContain(token)
    expect(await problem(linkOf(member.browser, member.id))).toMatchObject({ code: 'forbidden' })
    expect(await problem(linkOf(boss, `usr_${'0'.repeat(22)}`))).toMatchObject({ code: 'member_not_found' })
    for (const wrong of ['', 'guess', `${token}x`]) {
      expect(await problem(accept(wrong))).toMatchObject({ code: 'reset_link_invalid' })
    }
  })
})
