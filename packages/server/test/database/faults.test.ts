import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { Secret } from '@latchwork/vault'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStores } from '../../src/app/stores.ts'
import { makePostgresPlace } from './database.ts'

describe('SQLite', () => {
  let dataDir = ''
  beforeEach(() => {
    dataDir = join(mkdtempSync(join(tmpdir(), 'latchwork-faults-')), 'data')
  })
  afterEach(() => rmSync(join(dataDir, '..'), { recursive: true, force: true }))

  it('keeps its files to this user', async () => {
    const stores = await openStores({ databaseUrl: null, dataDir })
    await stores.metadata.set('a', 'b')
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
    const files = readdirSync(dataDir)
    expect(files).toContain('latchwork.db-wal')
    for (const file of files) expect([file, statSync(join(dataDir, file)).mode & 0o077]).toEqual([file, 0])
    await stores.close()
  })

  it('is durable and checks references', async () => {
    const { database, close } = await openStores({ databaseUrl: null, dataDir })
    const { sql } = await import('kysely')
    const pragma = async (name: string) =>
      Object.values((await sql.raw(`pragma ${name}`).execute(database.auth)).rows[0] ?? {})
    expect(await pragma('journal_mode')).toEqual(['wal'])
    expect(await pragma('synchronous')).toEqual([2])
    expect(await pragma('foreign_keys')).toEqual([1])
    await close()
  })

  it('is for one process: another open is refused until the first has ended', async () => {
    const first = await openStores({ databaseUrl: null, dataDir })
    await expect(openStores({ databaseUrl: null, dataDir })).rejects.toMatchObject({
      code: 'database_locked',
      message: expect.stringContaining(dataDir),
    })
    await first.close()
    await (await openStores({ databaseUrl: null, dataDir })).close()
  })

  it('says so when the folder is not one, or the file no database', async () => {
    writeFileSync(join(dataDir, '..', 'file'), '')
    await expect(
      openStores({ databaseUrl: null, dataDir: join(dataDir, '..', 'file') }),
    ).rejects.toMatchObject({
      code: 'data_dir_unwritable',
      message: expect.stringContaining('LATCHWORK_DATA_DIR'),
    })
    await (await openStores({ databaseUrl: null, dataDir })).close()
    writeFileSync(
      join(dataDir, 'latchwork.db'),
      'something else entirely, and long enough to be looked at'.repeat(100),
    )
    await expect(openStores({ databaseUrl: null, dataDir })).rejects.toMatchObject({
      code: 'database_unreachable',
      message: expect.stringContaining('latchwork.db'),
    })
  })
})

describe('PostgreSQL', () => {
  const open = (url: string) => openStores({ databaseUrl: new Secret(url), dataDir: '/nowhere' })

  it('that is not there is named by host and port, never with the password', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    await new Promise((resolve) => server.close(resolve))
    const error: unknown = await open(`postgres://user:opensesame@127.0.0.1:${port}/db`).catch(
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({
      code: 'database_unreachable',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    })
    expect(inspect(error, { depth: 9 })).not.toContain('opensesame')
  })

  it('that lacks the database says so', async () => {
    const place = await makePostgresPlace()
    const url = new URL(place.settings.databaseUrl?.reveal() ?? '')
    url.pathname = '/latchwork_missing'
    await expect(open(url.href)).rejects.toMatchObject({
      code: 'database_unreachable',
      message: expect.stringContaining('has no database of this name'),
    })
    await place.remove()
  })

  it('is made by one of several processes that start at once', async () => {
    const place = await makePostgresPlace('none')
    const opened = await Promise.all(Array.from({ length: 4 }, () => openStores(place.settings)))
    for (const stores of opened) await stores.ping()
    await Promise.all(opened.map((stores) => stores.close()))
    await place.remove()
  })
})
