import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { Place } from './server.ts'

/** Where a server keeps what it has, empty at first. */
export interface TestPlace extends Place {
  /** The end of everything in it. */
  destroy(): Promise<void>
}

export async function makeSqlitePlace(): Promise<TestPlace> {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchwork-cli-server-'))
  return { dataDir, destroy: async () => rmSync(dataDir, { recursive: true, force: true }) }
}

/** A new database on the server that LATCHWORK_TEST_POSTGRES_URL names. */
export async function makePostgresPlace(): Promise<TestPlace> {
  const server = process.env['LATCHWORK_TEST_POSTGRES_URL']
  if (server === undefined) throw new Error('LATCHWORK_TEST_POSTGRES_URL names no server; npm test sets it')
  const name = `latchwork_cli_${randomBytes(6).toString('hex')}`
  await onServer(server, `create database ${name}`)
  const { dataDir, destroy } = await makeSqlitePlace()
  return {
    dataDir,
    databaseUrl: Object.assign(new URL(server), { pathname: `/${name}` }).href,
    destroy: async () => {
      await onServer(server, `drop database ${name} with (force)`)
      await destroy()
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
