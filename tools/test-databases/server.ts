import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** The PostgreSQL server of a test run, as its superuser: LATCHWORK_TEST_POSTGRES_URL. */
export function postgresServer(): URL {
  const url = process.env['LATCHWORK_TEST_POSTGRES_URL']
  if (url === undefined) throw new Error('LATCHWORK_TEST_POSTGRES_URL names no server; npm test sets it')
  return new URL(url)
}

/** Runs a single statement that needs no database of its own. */
export const onServer = (statement: string): Promise<void> =>
  connected(async (client) => void (await client.query(statement)))

async function connected(use: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: postgresServer().href })
  await client.connect()
  try {
    await use(client)
  } finally {
    await client.end()
  }
}

/** A database on the server of the run. */
export interface PostgresDatabase {
  readonly name: string
  /** As the server's superuser. */
  readonly url: URL
  /** Ends all connections to it, too. */
  drop(): Promise<void>
}

/** @param template the database to copy; null: the new one is empty */
export async function createPostgresDatabase(template: string | null): Promise<PostgresDatabase> {
  const name = `latchwork_${randomBytes(6).toString('hex')}`
  await connected(async (client) => {
    await client.query(`create database ${name}${template === null ? '' : await copyOf(template, client)}`)
  })
  const url = postgresServer()
  url.pathname = `/${name}`
  return { name, url, drop: () => onServer(`drop database ${name} with (force)`) }
}

/** Files are copied as they are. Since version 15 that is to be asked for; the usual way takes three times as long. */
async function copyOf(template: string, client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ version: number }>(
    "select current_setting('server_version_num')::integer as version",
  )
  return ` template ${template}${(rows[0]?.version ?? 0) >= 150_000 ? ' strategy file_copy' : ''}`
}
