import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LatchworkError } from '@latchwork/contract'
import SqliteFile from 'better-sqlite3'
import pg from 'pg'
import type { DatabaseSettings } from '../database/open.ts'

/** The database as of one moment, unaffected by later writes. */
export interface Snapshot {
  readonly kind: 'sqlite' | 'postgres'
  /** Tables with their columns, except those that the database computes. */
  tables(): Promise<{ name: string; columns: string[] }[]>
  /** Values are text, numbers or null; PostgreSQL also gives booleans and `Date`s. */
  rows(table: string, columns: readonly string[]): AsyncIterable<unknown[]>
  close(): Promise<void>
}

const rowsAtOnce = 500

/**
 * Opens the configured database for reading only. A server may be running on it.
 * @throws {LatchworkError} `database_unreachable`
 */
export async function openSnapshot({ databaseUrl, dataDir }: DatabaseSettings): Promise<Snapshot> {
  return databaseUrl === null ? openSqliteSnapshot(dataDir) : openPostgresSnapshot(databaseUrl.reveal())
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
const list = (columns: readonly string[]): string => columns.map(quoted).join(', ')

function openSqliteSnapshot(dataDir: string): Snapshot {
  const path = join(dataDir, 'latchwork.db')
  if (!existsSync(path)) {
    throw new LatchworkError('database_unreachable', {
      message: `There is no database ${path}. Set LATCHWORK_DATA_DIR to the server's data folder.`,
    })
  }
  const file = new SqliteFile(path, { fileMustExist: true })
  file.pragma('query_only = on')
  file.exec('begin')
  return {
    kind: 'sqlite',
    tables: async () => {
      const names = file
        .prepare<[], string>(
          `select name from sqlite_master where type = 'table' and name not like 'sqlite%'`,
        )
        .pluck()
        .all()
      // table_info omits generated columns.
      const columns = file.prepare<[string], string>('select name from pragma_table_info(?)').pluck()
      return names.map((name) => ({ name, columns: columns.all(name) }))
    },
    rows: async function* (table, columns) {
      const statement = file.prepare<[], unknown[]>(`select ${list(columns)} from ${quoted(table)}`)
      yield* statement.raw().iterate()
    },
    close: async () => void file.close(),
  }
}

async function openPostgresSnapshot(url: string): Promise<Snapshot> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'latchwork backup',
    connectionTimeoutMillis: 10_000,
  })
  try {
    await client.connect()
    await client.query('begin isolation level repeatable read read only')
  } catch {
    await client.end().catch(() => undefined)
    throw new LatchworkError('database_unreachable', {
      message: "PostgreSQL can't be reached. Check LATCHWORK_DATABASE_URL and that the database runs.",
    })
  }
  return {
    kind: 'postgres',
    tables: async () => {
      const { rows } = await client.query<{ name: string; columns: string[] }>(
        `select table_name as name, array_agg(column_name::text order by ordinal_position) as columns
        from information_schema.columns join information_schema.tables using (table_schema, table_name)
        where table_schema = current_schema() and table_type = 'BASE TABLE' and is_generated = 'NEVER'
        group by table_name`,
      )
      return rows
    },
    rows: async function* (table, columns) {
      await client.query(`declare rows no scroll cursor for select ${list(columns)} from ${quoted(table)}`)
      for (;;) {
        const { rows } = await client.query<unknown[]>({
          text: `fetch ${rowsAtOnce} from rows`,
          rowMode: 'array',
        })
        yield* rows
        if (rows.length < rowsAtOnce) break
      }
      await client.query('close rows')
    },
    close: () => client.end(),
  }
}
