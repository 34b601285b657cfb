import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** The PostgreSQL server of a test run, as its superuser: LATCHWORK_TEST_POSTGRES_URL. */
export function postgresServer(): URL {
  const url = process.env['LATCHWORK_TEST_POSTGRES_URL']
  if (url === undefined) throw new Error('LATCHWORK_TEST_POSTGRES_URL names no server; npm test sets it')
  return new URL(url)
}

/** Runs a single statement that needs no database of its own. */
export async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresServer().href })
  await client.connect()
  try {
    await client.query(statement)
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
  // Files are copied as they are: page by page by way of the log takes PostgreSQL three times as long.
  const copied = template === null ? '' : ` template ${template} strategy file_copy`
  await onServer(`create database ${name}${copied}`)
  const url = postgresServer()
  url.pathname = `/${name}`
  return { name, url, drop: () => onServer(`drop database ${name} with (force)`) }
}
