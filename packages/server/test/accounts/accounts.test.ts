import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { admin, type Running, startRunning } from '../running.ts'

let server: Running
beforeAll(async () => {
  server = await startRunning(null)
})
afterAll(() => server?.stop())

const setup = { name: 'Wren', ...admin }

describe('the first start', () => {
  it('prints a link that makes the administrator once', async () => {
    const fresh = await startRunning(null, { settings: { admin: null } })
    const person = fresh.browser()
    expect(await person.client.session.get()).toEqual({ user: null, needsSetup: true })
    const old = tokenOf(await fresh.app.setupLink())
    const token = tokenOf(await fresh.app.setupLink())
    for (const wrong of ['', 'guess', old]) {
      const refused = await problem(person.client.session.setup({ body: { token: wrong, ...setup } }))
      expect(refused).toMatchObject({ status: 403, code: 'setup_link_invalid' })
    }
    const weak = await problem(person.client.session.setup({ body: { token, ...setup, password: 'short' } }))
    expect(weak).toMatchObject({ code: 'invalid_input', errors: [{ field: 'password' }] })

    const made = await Promise.allSettled(
      [1, 2, 3].map((n) =>
        person.client.session.setup({ body: { token, ...setup, email: `wren${n}@hollowoak.example` } }),
      ),
    )
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await fresh.app.setupLink()).toBeNull()
    expect(await problem(person.client.session.setup({ body: { token, ...setup } }))).toMatchObject({
      code: 'setup_done',
    })
    expect((await person.client.session.get()).user).toMatchObject({ name: 'Wren', role: 'admin' })
    await fresh.stop()
  })

  it('takes the administrator of the settings instead, and only once', async () => {
    expect(await server.app.setupLink()).toBeNull()
    await server.restart()
    const users = await server.app.stores.kysely.selectFrom('user').selectAll().execute()
    expect(users).toHaveLength(1)
  })
})

describe('signing in', () => {
  it('opens a session in a cookie that only https on this host gets, and no script', async () => {
    const person = server.browser()
    const answer = await person.fetch(`${server.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-latchwork': '1' },
      body: JSON.stringify(admin),
    })
    const [cookie = ''] = [answer.headers['set-cookie'] ?? []].flat()
    expect(cookie).toMatch(/^__Host-latchwork=/)
    for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/'])
      expect(cookie).toContain(attribute)
    expect(cookie).not.toContain('Domain')
    expect((await person.client.session.get()).user?.email).toBe(admin.email)
    await person.client.session.signOut()
    expect((await person.client.session.get()).user).toBeNull()
    expect(person.cookies.get(new URL(server.url).host)?.has('__Host-latchwork')).toBe(false)
  })

  it('ends a session for good when signing out, wherever its cookie went', async () => {
    const person = await server.signedIn()
    const stolen = server.browser()
    copyCookies(person, stolen)
    expect((await stolen.client.session.get()).user).not.toBeNull()
    await person.client.session.signOut()
    expect((await stolen.client.session.get()).user).toBeNull()
  })

  it('fails alike for a wrong password and an unknown address', async () => {
    const person = server.browser()
    const answers = []
    for (const email of [admin.email, 'nobody@hollowoak.example']) {
      const { requestId, ...rest } = await problem(
        person.client.session.signIn({ body: { email, password: 'not the pass phrase' } }),
      )
      expect(requestId).toBeDefined()
      answers.push(rest)
    }
    expect(answers[0]).toMatchObject({ status: 401, code: 'sign_in_failed' })
    expect(answers[1]).toEqual(answers[0])
  })

  it('survives a restart, and a forged or altered cookie opens nothing', async () => {
    const person = await server.signedIn()
    await server.restart()
    expect((await person.client.session.get()).user?.email).toBe(admin.email)
    const jar = person.cookies.get(new URL(server.url).host)
    const cookie = jar?.get('__Host-latchwork') ?? ''
    const [token = ''] = cookie.split('.')
    for (const forged of [token, `${token}.AAAA`, `A${cookie.slice(1)}`, 'x', '']) {
      jar?.set('__Host-latchwork', forged)
      expect((await person.client.session.get()).user).toBeNull()
    }
  })
})

describe('API tokens', () => {
  it('#43 are shown once, act for their owner, and end when they are revoked', async () => {
    const person = await server.signedIn()
    const { token, secret } = await person.client.tokens.create({ body: { name: 'nightly' } })
    expect(secret).toMatch(/^lw_[\w-]{43}$/)
    expect(secret.endsWith(token.suffix)).toBe(true)
    expect(token.expiresAt).not.toBeNull()
    const { items } = await person.client.tokens.list()
    expect(JSON.stringify(items)).not.toContain(secret)

    const use = () =>
      server.browser().fetch(`${server.url}/api/session`, { headers: { authorization: `Bearer ${secret}` } })
    expect(JSON.parse((await use()).body).user.email).toBe(admin.email)
    expect((await person.client.tokens.list()).items[0]?.lastUsedAt).not.toBeNull()
    await person.client.tokens.delete({ params: { id: token.id } })
    expect((await use()).status).toBe(401)
    expect(await problem(person.client.tokens.delete({ params: { id: token.id } }))).toMatchObject({
      code: 'token_not_found',
    })
  })

  it('need no protection against forgery, since no browser sends them by itself', async () => {
    const person = await server.signedIn()
    const { secret } = await person.client.tokens.create({ body: { name: 'program', expiresInDays: null } })
    const answer = await server.browser().fetch(`${server.url}/api/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: '{"name":"second"}',
    })
    expect(answer.status).toBe(201)
  })
})

describe('a dump of the database', () => {
  // Hundreds of requests, each with a connection of its own.
  it('#43 opens no session and holds no token or password', { timeout: 120_000 }, async () => {
    const person = await server.signedIn()
    const { secret } = await person.client.tokens.create({ body: { name: 'dumped' } })
    const cookie = person.cookies.get(new URL(server.url).host)?.get('__Host-latchwork') ?? ''
    const [sessionToken = ''] = decodeURIComponent(cookie).split('.')
    const dump = await dumpOf(server)
    expect(dump.length).toBeGreaterThan(20)
    for (const hidden of [secret, sessionToken, admin.password, secret.slice(3)]) {
      expect(dump.filter((text) => text.includes(hidden))).toEqual([])
    }
    // Each string of the dump, and each string inside it, as a cookie and as a bearer token.
    const pieces = new Set(
      dump.flatMap((text) => [text, ...text.split(/[^\w.%+/=-]+/)]).filter((text) => text !== ''),
    )
    let tried = 0
    for (const piece of pieces) {
      if (piece.length < 16 || piece.length > 600 || /[^\x20-\x7e]/.test(piece)) continue
      for (const headers of [
        { cookie: `__Host-latchwork=${encodeURIComponent(piece)}` },
        { cookie: `__Host-latchwork=${encodeURIComponent(`${piece}.${piece}`)}` },
        { authorization: `Bearer ${piece.replaceAll(' ', '')}` },
        { authorization: `Bearer lw_${piece.replaceAll(' ', '')}` },
      ]) {
        const answer = await server.browser().fetch(`${server.url}/api/session`, { headers })
        expect(answer.body).not.toContain(admin.email)
        tried += 1
      }
    }
    expect(tried).toBeGreaterThan(80)
  })
})

function tokenOf(link: string | null): string {
  return new URL(link ?? '').searchParams.get('token') ?? ''
}

function copyCookies(from: Browser, to: Browser): void {
  for (const [host, jar] of from.cookies) to.cookies.set(host, new Map(jar))
}

/** Every text in every table. */
async function dumpOf({ app }: Running): Promise<string[]> {
  const { kysely } = app.stores
  const tables = await kysely.introspection.getTables()
  const texts: string[] = []
  for (const { name } of tables) {
    const rows = await kysely
      .withTables<Record<string, Record<string, unknown>>>()
      .selectFrom(name)
      .selectAll()
      .execute()
    for (const row of rows)
      for (const value of Object.values(row)) if (typeof value === 'string') texts.push(value)
  }
  return texts
}
