import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { openStores } from '../../src/app/stores.ts'
import { migrate } from '../../src/database/migrations/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { clientNetwork, isNetwork } from '../../src/settings/addresses.ts'
import type { Browser } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace, openTestStores } from '../database/database.ts'
import { admin, type Running, startRunning } from '../running.ts'

const sides: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of sides.splice(0).reverse()) await end()
})

const most = 4
type Options = NonNullable<Parameters<typeof startRunning>[1]>

async function start(options: Options = {}): Promise<Running> {
  const server = await startRunning(null, {
    ...options,
    settings: { signInTries: most, ...options.settings },
  })
  sides.push(() => server.stop())
  return server
}

/** A try to sign in; answers the status. */
async function attempt(
  server: Running,
  { email = admin.email, password = 'a wrong pass phrase', from = '', by = server.browser() as Browser } = {},
): Promise<number> {
  const { status, headers } = await by.fetch(`${server.url}/api/session`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-latchwork': '1',
      ...(from === '' ? {} : { 'x-forwarded-for': from }),
    },
    body: JSON.stringify({ email, password }),
  })
  if (status === 429) expect(Number(headers['retry-after'])).toBeGreaterThan(0)
  return status
}

const behindProxy: Options = { settings: { trustedProxies: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'] } }
const times = (count: number) => Array.from({ length: count }, (_, index) => index)

/** Under which address the last refused sign-in stands in the audit log. */
async function auditAddress(server: Running): Promise<string | null> {
  const { items } = await server.app.stores.audit.list({
    action: 'session.',
    limit: 1,
    ...{ result: 'refused' as const },
  })
  return items[0]?.address ?? null
}

describe('#58 whose request it is', () => {
  it('is not what a stranger says', async () => {
    const server = await start()
    const statuses = []
    for (const n of times(most + 1))
      statuses.push(await attempt(server, { email: `a${n}@b.example`, from: `203.0.113.${n}` }))
    expect(statuses).toEqual([...times(most).map(() => 401), 429])
    expect(await auditAddress(server)).toBe('127.0.0.1')
    expect(server.log.join('')).not.toContain('203.0.113')
  })

  it.each([
    ['one hop', '203.0.113.7', '203.0.113.7'],
    ['what a client made up before the proxy', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['several hops', '203.0.113.7, 10.1.2.3, fd00::5', '203.0.113.7'],
    ['IPv6', '2001:db8::7', '2001:db8::7'],
    ['garbage', 'nobody', '127.0.0.1'],
    ['garbage before an address', '"><script>, 203.0.113.7', '203.0.113.7'],
    ['garbage between', '203.0.113.7, unknown, 10.1.2.3', '10.1.2.3'],
    ['an address with a port', '203.0.113.7:4711', '127.0.0.1'],
    ['nothing', ' , ', '127.0.0.1'],
  ])('is what a trusted proxy says: %s', async (_, from, address) => {
    const server = await start(behindProxy)
    await attempt(server, { from })
    expect(await auditAddress(server)).toBe(address)
    // The line is written once the answer is out.
    await expect.poll(() => server.log.join('')).toContain(`"address":"${address}"`)
  })

  it('is one network of IPv6', () => {
    expect(clientNetwork('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
    expect(clientNetwork('2001:db8::1')).toBe('2001:db8:0:0::/64')
    expect(clientNetwork('2001:DB8:0:0:ffff::1')).toBe(clientNetwork('2001:db8::2'))
    expect(clientNetwork('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
    expect(clientNetwork('::ffff:192.0.2.1')).toBe('192.0.2.1')
    expect(clientNetwork('::1')).toBe('0:0:0:0::/64')
  })

  it('is trusted by address or network only', () => {
    expect(['10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', '0.0.0.0/0'].every(isNetwork)).toBe(true)
    expect(
      ['', 'proxy', '10.0.0.0/33', '10.0.0/8', '::/129', '10.0.0.1/', '10.0.0.1/8/8', '1.2.3.4/-1'].some(
        isNetwork,
      ),
    ).toBe(false)
  })
})

describe('#58 signing in is limited', () => {
  it('for each client behind a proxy, and not for all of them together', async () => {
    const server = await start(behindProxy)
    for (const n of times(most))
      expect(await attempt(server, { email: `a${n}@b.example`, from: '203.0.113.1' })).toBe(401)
    expect(await attempt(server, { email: 'c@b.example', from: '203.0.113.1' })).toBe(429)
    expect(await attempt(server, { email: 'c@b.example', from: '203.0.113.2' })).toBe(401)
    for (const n of times(most))
      expect(await attempt(server, { email: `d${n}@b.example`, from: `2001:db8::${n + 1}` })).toBe(401)
    expect(await attempt(server, { email: 'e@b.example', from: '2001:db8::ffff' })).toBe(429)
  })

  it('for each account, whoever tries, and without locking its owner out', { timeout: 90_000 }, async () => {
    const server = await start(behindProxy)
    const owner = server.browser()
    expect(await attempt(server, { ...admin, from: '192.0.2.1', by: owner })).toBe(200)
    // One who tries is stopped alone ...
    for (const _ of times(most)) await attempt(server, { from: '203.0.113.1' })
    expect(await attempt(server, { from: '203.0.113.1' })).toBe(429)
    expect(await attempt(server, { ...admin, from: '192.0.2.77' })).toBe(200)
    // ... many are stopped together, in any spelling of the address ...
    const statuses = []
    for (const n of times(most * 6)) {
      statuses.push(await attempt(server, { email: admin.email.toUpperCase(), from: `203.0.114.${n}` }))
    }
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(most * 5)
    expect(statuses.at(-1)).toBe(429)
    expect(await attempt(server, { ...admin, from: '198.51.100.1' })).toBe(429)
    // ... and a browser that was signed in before goes on.
    expect(await attempt(server, { ...admin, from: '192.0.2.2', by: owner })).toBe(200)
    // Another account is not concerned, nor helped by that browser.
    expect(await attempt(server, { email: 'other@b.example', from: '192.0.2.3', by: owner })).toBe(401)
  })

  it('by the right password no more than by a wrong one', async () => {
    const server = await start(behindProxy)
    for (const n of times(most * 6))
      expect(await attempt(server, { ...admin, from: `203.0.113.${n}` })).toBe(200)
  })

  it('for guesses at once', async () => {
    const server = await start(behindProxy)
    const statuses = await Promise.all(times(most * 3).map(() => attempt(server, { from: '203.0.113.1' })))
    expect(statuses.filter((status) => status === 401)).toHaveLength(most)
  })

  it('for codes, links and set-up as well', async () => {
    const server = await start(behindProxy)
    const person = server.browser()
    await attempt(server, { ...admin, from: '192.0.2.1', by: person })
    for (const [path, body] of [
      ['/api/setup', { token: 'x', name: 'x', ...admin }],
      ['/api/invitations/look', { token: 'x' }],
      ['/api/invitations/accept', { token: 'x', name: 'x', password: admin.password }],
      ['/api/devices', { deviceName: 'x' }],
      ['/api/devices/look-up', { userCode: 'BCDF-GHJK' }],
    ] as const) {
      const from = `203.0.113.${path.length}`
      const statuses = []
      for (const _ of times(most + 1)) {
        const { status } = await person.fetch(server.url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-latchwork': '1', 'x-forwarded-for': from },
          body: JSON.stringify(body),
        })
        statuses.push(status)
      }
      expect([path, statuses.indexOf(429)]).toEqual([path, most])
    }
  })

  /** Two processes of one database. */
  async function startTwo(): Promise<[Running, Running]> {
    const place = await makePostgresPlace()
    sides.push(() => place.remove())
    const { databaseUrl } = place.settings
    const one = await start({ settings: { ...behindProxy.settings, databaseUrl } })
    const { masterKeyFile } = one.settings
    return [one, await start({ settings: { ...behindProxy.settings, databaseUrl, masterKeyFile } })]
  }

  it('over all processes', async () => {
    const both = await startTwo()
    const statuses = []
    for (const n of times(most + 2))
      statuses.push(await attempt(both[n % 2 === 0 ? 0 : 1], { from: '203.0.113.1' }))
    expect(statuses).toEqual([...times(most).map(() => 401), 429, 429])
  })

  it('and so is asking for what a terminal waits for, over all processes', async () => {
    const both = await startTwo()
    const poll = async (n: number, from: string) => {
      const { url, browser } = both[n % 2 === 0 ? 0 : 1]
      const { status } = await browser().fetch(`${url}/api/devices/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-latchwork': '1', 'x-forwarded-for': from },
        body: JSON.stringify({ deviceCode: 'x'.repeat(43) }),
      })
      return status
    }
    expect(await poll(0, '203.0.113.1')).toBe(400)
    const { tables } = both[0].app.stores.database
    const [counted] = await tables.selectFrom('signInAttempts').selectAll().execute()
    if (counted === undefined) throw new Error('the first one was not counted')
    const more = times(118).map((n) => ({ ...counted, id: `${counted.id}-${n}` }))
    await tables.insertInto('signInAttempts').values(more).execute()
    expect([
      await poll(1, '203.0.113.1'),
      await poll(0, '203.0.113.1'),
      await poll(1, '203.0.113.1'),
    ]).toEqual([400, 429, 429])
    expect(await poll(0, '203.0.113.2')).toBe(400)
  })

  it.each([
    ['SQLite', makeSqlitePlace],
    ['PostgreSQL', makePostgresPlace],
  ])('within any minute, also over the end of one, on %s', async (_, makePlace) => {
    const place = await makePlace()
    sides.push(() => place.remove())
    const { databaseUrl } = place.settings
    const server = await start({ settings: { ...behindProxy.settings, databaseUrl } })
    const { tables } = server.app.stores.database
    const pass = (ms: number) =>
      tables
        .updateTable('signInAttempts')
        .set((eb) => ({ endsAt: eb('endsAt', '-', ms) }))
        .execute()
    const tries = async (count: number) => {
      const statuses = []
      for (const n of times(count))
        statuses.push(await attempt(server, { email: `${count}-${n}@b.example`, from: '203.0.113.1' }))
      return statuses
    }
    expect(await tries(1)).toEqual([401])
    await pass(35_000)
    expect(await tries(most)).toEqual([...times(most - 1).map(() => 401), 429])
    await pass(26_000)
    // The first one is a minute ago, the others are not.
    expect(await tries(most)).toEqual([401, ...times(most - 1).map(() => 429)])
  })
})

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
] as const)('#58 the count of tries, on %s', (_, makePlace) => {
  it('goes on until the time of each is over, and they are erased then', async () => {
    await using opened = await openTestStores(makePlace)
    const { attempts, database } = opened.stores
    const take = async (key: string, windowMs = 60_000) => attempts.take(key, 3, windowMs)
    const first = await take('a')
    expect(await take('a')).toHaveProperty('id')
    await attempts.giveBack('id' in first ? [first.id] : [])
    expect(await take('a')).toHaveProperty('id')
    expect(await take('a')).toHaveProperty('id')
    const refused = await take('a')
    expect('againInMs' in refused && refused.againInMs > 0 && refused.againInMs <= 60_000).toBe(true)
    expect(await take('another')).toHaveProperty('id')
    for (const n of times(20)) expect(await take(`over ${n % 2}`, 0)).toHaveProperty('id')
    await take('a')
    const rows = await database.tables.selectFrom('signInAttempts').selectAll().execute()
    expect(rows).toHaveLength(4)
    const together = await Promise.all(times(10).map(() => take('b')))
    expect(together.filter((one) => 'id' in one)).toHaveLength(3)
  })

  it('goes on after what was counted before each try was a row', async () => {
    const place = await makePlace('none')
    sides.push(() => place.remove())
    const before = await openDatabase(place.settings)
    await migrate(before, '0017-held-in-use')
    const at = Date.now() + 60_000
    await sql`insert into sign_in_attempts (key_hash, count, ends_at) values ('full', 4, ${at}), ('one', 1, ${at}),
      ('none', 0, ${at}), ('flooded', 100000, ${at})`.execute(before.tables)
    await before.close()
    const stores = await openStores(place.settings)
    sides.push(() => stores.close())
    const left = async (key: string) => {
      const taken = await Promise.all(times(5).map(() => stores.attempts.take(key, 4, 60_000)))
      return taken.filter((one) => 'id' in one).length
    }
    expect([await left('full'), await left('one'), await left('none'), await left('flooded')]).toEqual([
      0, 3, 4, 0,
    ])
  })
})
