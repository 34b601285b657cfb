import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '@latchwork/vault'
import pg from 'pg'
import { type OpenStores, openStores } from '../../src/app/stores.ts'
import type { DatabaseSettings } from '../../src/database/open.ts'

/** An empty place to keep things in, gone again after `remove`. */
export interface TestPlace {
  readonly settings: DatabaseSettings
  remove(): Promise<void>
}

/** Opens stores in a place; twice at once (as two processes would) only on PostgreSQL. */
export type MakePlace = () => Promise<TestPlace>

export async function makeSqlitePlace(): Promise<TestPlace> {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchwork-stores-'))
  return {
    settings: { databaseUrl: null, dataDir },
    remove: async () => rmSync(dataDir, { recursive: true, force: true }),
  }
}

/** A new database on the server that LATCHWORK_TEST_POSTGRES_URL names. */
export async function makePostgresPlace(): Promise<TestPlace> {
  const server = process.env['LATCHWORK_TEST_POSTGRES_URL']
  if (server === undefined) throw new Error('LATCHWORK_TEST_POSTGRES_URL names no server; npm test sets it')
  const name = `latchwork_${randomBytes(6).toString('hex')}`
  await onServer(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const { settings, remove } = await makeSqlitePlace()
  return {
    settings: { ...settings, databaseUrl: new Secret(url.href) },
    remove: async () => {
      await onServer(server, `drop database ${name} with (force)`)
      await remove()
    },
  }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

export interface TestStores extends AsyncDisposable {
  readonly stores: OpenStores
  readonly settings: DatabaseSettings
}

/** Stores of their own for one test or one file; SQLite unless another place is asked for. */
export async function openTestStores(makePlace: MakePlace = makeSqlitePlace): Promise<TestStores> {
  const place = await makePlace()
  const stores = await openStores(place.settings)
  return {
    stores,
    settings: place.settings,
    [Symbol.asyncDispose]: async () => {
      await stores.close()
      await place.remove()
    },
  }
}
