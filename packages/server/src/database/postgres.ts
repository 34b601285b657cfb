import { LatchworkError, systemCode } from '@latchwork/contract'
import { PostgresDialect } from 'kysely'
import pg from 'pg'
import { type Database, describeDatabase, postgresSql } from './database.ts'
import { guardedDialect } from './guarded-dialect.ts'
import { storageFailure } from './unavailable.ts'

const maxConnections = 10
const connectTimeoutMs = 10_000
/** So long a process that stands still in the middle of a transaction keeps others from what it has locked. */
const idleInTransactionMs = 15_000

/**
 * @param url as `postgres://user:password@host:port/database`
 * @param idleMs after so long without a statement a transaction is rolled back, and its connection ended
 * @throws LatchworkError `database_unreachable`, naming host and port, never the password
 */
export async function openPostgres(url: string, idleMs: number = idleInTransactionMs): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'latchwork',
    types: { getTypeParser: chooseParser },
  })
  // The next query replaces a connection that broke while idle, and reports it if that fails too.
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    // A connection that breaks in use fails its queries, but must not end the process.
    client.on('error', () => {})
    // A statement, since what pools connections takes no such parameter. It comes before those of whoever gets the client.
    void client.query(`set idle_in_transaction_session_timeout = ${idleMs}`).catch(() => {})
  })
  try {
    const client = await pool.connect()
    client.release()
  } catch (error) {
    await pool.end()
    throw unreachable(url, error)
  }
  return describeDatabase(
    guardedDialect(new PostgresDialect({ pool }), (error) => storageFailure(error, 'The database')),
    postgresSql,
    () => {},
  )
}

/** Our 64-bit integers are times and counts, which a number holds exactly. */
const chooseParser: pg.CustomTypesConfig['getTypeParser'] = (type, format) =>
  type === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(type, format)

function unreachable(url: string, error: unknown): LatchworkError {
  const parsed = URL.parse(url)
  const place = parsed === null ? 'the address set' : `${parsed.hostname}:${parsed.port || '5432'}`
  const code = systemCode(error) ?? ''
  return new LatchworkError('database_unreachable', {
    message: `PostgreSQL at ${place} ${explain(code)}. Check LATCHWORK_DATABASE_URL and that the database runs.`,
  })
}

/** @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
function explain(code: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return "can't be reached: nothing listens there"
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return "can't be reached: the host's name is not known"
    case '28P01':
    case '28000':
      return 'refused the user and password'
    case '3D000':
      return 'has no database of this name'
    case '53300':
      return 'has too many connections'
    default:
      return code === '' ? "can't be reached in time" : `can't be reached (${code})`
  }
}
