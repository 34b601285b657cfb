import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { Secret } from '@latchwork/vault'
import { sql } from 'kysely'
import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import type { Answer, Browser } from '../browser.ts'
import { makePostgresPlace, type TestPlace } from '../database/database.ts'
import { programOf } from '../identity/joining.ts'
import { admin, type Running, startRunning } from '../running.ts'

const sides: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of sides.splice(0).reverse()) await end()
})

/** What is asked while the database can't be used: by strangers, browsers and programs; only reads, and writes. */
async function asked(server: Running): Promise<(kind: 'all' | 'writes') => Promise<Answer[]>> {
  const person = await server.signedIn()
  const { token } = await programOf(server, person)
  const write = { 'x-latchwork': '1', 'content-type': 'application/json' }
  const by = { authorization: `Bearer ${token}` }
  const reads: [Browser, string, string, Record<string, string>][] = [
    [person, 'GET', '/api/session', {}],
    [server.browser(), 'GET', '/api/credentials', by],
    [server.browser(), 'GET', '/api/audit/export', by],
    [server.browser(), 'GET', `/oauth/callback?state=${'s'.repeat(43)}&code=c`, {}],
  ]
  const writes: typeof reads = [
    [server.browser(), 'GET', '/health/ready', {}],
    [server.browser(), 'POST', '/api/session', write],
    [server.browser(), 'POST', '/api/devices', write],
    [server.browser(), 'POST', '/api/tokens', { ...write, ...by }],
    [person, 'POST', '/api/invitations', write],
  ]
  const bodies: Readonly<Record<string, unknown>> = {
    '/api/session': admin,
    '/api/devices': { deviceName: 'a laptop' },
    '/api/tokens': { name: 'another' },
    '/api/invitations': { email: 'a@hollowoak.example', role: 'member' },
  }
  return async (kind) => {
    const answers = []
    for (const [browser, method, path, headers] of kind === 'all' ? [...reads, ...writes] : writes) {
      const body = method === 'POST' ? { body: JSON.stringify(bodies[path]) } : {}
      answers.push(await browser.fetch(server.url + path, { method, headers, ...body }))
    }
    return answers
  }
}

function expectUnavailable(answers: readonly Answer[], words: RegExp): void {
  for (const { status, headers, body } of answers) {
    expect([status, headers['content-type']], body).toEqual([
      503,
      expect.stringMatching('application/problem'),
    ])
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect(JSON.parse(body)).toMatchObject({
      code: 'storage_unavailable',
      detail: expect.stringMatching(words),
    })
    expect(headers['set-cookie']).toBeUndefined()
    expect(body).not.toMatch(/127\.0\.0\.1|localhost|ECONN|SQLITE|postgres|latchwork_|pool|\.ts/i)
  }
}

const ready = async (server: Running) => (await server.browser().fetch(`${server.url}/health/ready`)).status

describe('#47 PostgreSQL', () => {
  /** A server whose way to its database can be closed. */
  async function start(): Promise<{ server: Running; place: TestPlace; way: Way }> {
    const place = await makePostgresPlace()
    sides.push(() => place.remove())
    const url = new URL(place.settings.databaseUrl?.reveal() ?? '')
    const way = await openWay(url)
    sides.push(() => way.close())
    url.hostname = '127.0.0.1'
    url.port = String(way.port)
    url.searchParams.delete('host')
    url.searchParams.delete('port')
    const server = await startRunning(null, { settings: { databaseUrl: new Secret(url.href) } })
    sides.push(() => server.stop())
    return { server, place, way }
  }

  it('that is away is told in words, to strangers without its address, and is taken up again', async () => {
    const { server, way } = await start()
    const ask = await asked(server)
    await way.close()
    expectUnavailable(await ask('all'), /can't be reached/)
    await way.open()
    await expect.poll(() => ready(server), { timeout: 10_000 }).toBe(200)
    expect((await server.signedIn()).cookies.size).toBe(1)
  })

  it('that takes no writes is told in words, and is taken up again', async () => {
    const { server, place } = await start()
    const ask = await asked(server)
    await makeReadOnly(place, true)
    expectUnavailable(await ask('writes'), /read-only/)
    expect((await server.browser().fetch(`${server.url}/api/session`)).status).toBe(200)
    await makeReadOnly(place, false)
    await expect.poll(() => ready(server), { timeout: 10_000 }).toBe(200)
  })
})

describe('#47 SQLite', () => {
  async function start(): Promise<{ server: Running; pragma: (text: string) => Promise<unknown> }> {
    const server = await startRunning(null)
    sides.push(() => server.stop())
    const { database } = server.app.stores
    const pragma = async (text: string) => {
      const { rows } = await sql.raw<Record<string, unknown>>(`pragma ${text}`).execute(database.auth)
      return Object.values(rows[0] ?? {})[0]
    }
    return { server, pragma }
  }

  it('that takes no writes is told in words, and is taken up again', async () => {
    const { server, pragma } = await start()
    const ask = await asked(server)
    await pragma('query_only = on')
    expectUnavailable(await ask('writes'), /read-only/)
    await pragma('query_only = off')
    await expect.poll(() => ready(server), { timeout: 10_000 }).toBe(200)
  })

  it('that is full is told in words, and is taken up again', async () => {
    const { server, pragma } = await start()
    const { token } = await programOf(server, await server.signedIn())
    await pragma(`max_page_count = ${await pragma('page_count')}`)
    const store = () =>
      server.browser().fetch(`${server.url}/api/sources`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          connector: 'files',
          credentialId: null,
          name: 'x',
          config: { file: 'x'.repeat(150) },
          description: 'long '.repeat(390),
        }),
      })
    await expect.poll(async () => (await store()).status, { timeout: 20_000, interval: 1 }).toBe(503)
    expectUnavailable([await store()], /disk is full/)
    await expect.poll(() => ready(server), { timeout: 10_000 }).toBe(503)
    await pragma('max_page_count = 1000000')
    await expect.poll(() => ready(server), { timeout: 10_000 }).toBe(200)
  })

  it('that is damaged while the server runs is told in words, and in the log by its name', async () => {
    const { server, pragma } = await start()
    const { token } = await programOf(server, await server.signedIn())
    await pragma('wal_checkpoint(truncate)')
    await pragma('cache_size = 0')
    const file = join(server.dataDir, 'latchwork.db')
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0xa5, 4096))
    await pragma('shrink_memory')
    const answer = await server.browser().fetch(`${server.url}/api/credentials`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expectUnavailable([answer], /can't store changes/)
    expect(
      server.log.some((line) => line.includes(`The database file ${file} is damaged (SQLITE_CORRUPT`)),
    ).toBe(true)
  })

  it('does not grow by being asked whether it takes writes', async () => {
    const { server, pragma } = await start()
    await server.app.stores.ping()
    const pages = await pragma('page_count')
    for (let count = 0; count < 20; count++) await server.app.stores.ping()
    expect(await pragma('page_count')).toBe(pages)
  })
})

interface Way {
  readonly port: number
  open(): Promise<void>
  close(): Promise<void>
}

/** A port in front of a database, which can be closed together with what goes through it. */
async function openWay(database: URL): Promise<Way> {
  const { host, port: hostPort } = new pg.Client({ connectionString: database.href })
  const sockets = new Set<Socket>()
  let port = 0
  let listening: Server | null = null
  const way = {
    get port() {
      return port
    },
    async open() {
      listening = createServer((near) => {
        const far = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${hostPort}`) : connect(hostPort, host)
        for (const socket of [near, far]) {
          sockets.add(socket)
          socket.on('error', () => undefined)
          socket.on('close', () => {
            near.destroy()
            far.destroy()
          })
        }
        near.pipe(far).pipe(near)
      }).listen(port, '127.0.0.1')
      await once(listening, 'listening')
      const address = listening.address()
      if (typeof address === 'object' && address !== null) port = address.port
    },
    async close() {
      const closed = listening === null ? null : once(listening, 'close')
      listening?.close()
      listening = null
      for (const socket of sockets) socket.destroy()
      sockets.clear()
      await closed
    },
  }
  await way.open()
  return way
}

/** As a standby is for everybody who connects. */
async function makeReadOnly(place: TestPlace, readOnly: boolean): Promise<void> {
  const url = new URL(place.settings.databaseUrl?.reveal() ?? '')
  const name = url.pathname.slice(1)
  url.pathname = '/postgres'
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  await client.query(`alter database ${name} set default_transaction_read_only = ${readOnly ? 'on' : 'off'}`)
  await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
  await client.end()
}
