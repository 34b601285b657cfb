import { isUnreachableCode, LatchworkError, systemCode } from '@latchwork/contract'

/** Sentences for a database that is unavailable for now. Anybody may read them. */
const sentences = {
  away: "The server's database can't be reached. Try again in a few seconds.",
  busy: "The server's database is busy. Try again in a few seconds.",
  readOnly: "The server's database takes no changes at the moment: it is read-only.",
  full: "The server's database takes no changes at the moment: its disk is full.",
} as const

type Trouble = keyof typeof sentences | 'damaged'

/**
 * Troubles by the beginning of the error code.
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 * @see https://www.sqlite.org/rescode.html
 */
const troubles: readonly (readonly [begin: string, trouble: Trouble])[] = [
  ['SQLITE_FULL', 'full'],
  ['SQLITE_READONLY', 'readOnly'],
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
  ['SQLITE_PROTOCOL', 'busy'],
  ['SQLITE_IOERR_CORRUPTFS', 'damaged'],
  ['SQLITE_IOERR', 'away'],
  ['SQLITE_CANTOPEN', 'away'],
  ['SQLITE_NOMEM', 'away'],
  ['SQLITE_CORRUPT', 'damaged'],
  ['SQLITE_NOTADB', 'damaged'],
  ['25006', 'readOnly'],
  ['25P03', 'away'],
  ['53100', 'full'],
  ['53', 'away'],
  ['08', 'away'],
  ['28', 'away'],
  ['3D000', 'away'],
  ['57014', 'busy'],
  ['57P', 'away'],
  ['55P03', 'busy'],
  ['40001', 'busy'],
  ['40P01', 'busy'],
  ['58030', 'away'],
  ['XX001', 'damaged'],
  ['XX002', 'damaged'],
  ['EMFILE', 'away'],
]

/** The PostgreSQL client has no code for the end of a connection. */
const endedWords =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed)/

const retryAfterSeconds = 5

/**
 * Translates an error of the database: `storage_unavailable` if it can't serve at the moment, `database_unreachable` if
 * it is damaged. Any other error is returned unchanged.
 * @param where the database, for whoever starts the server; never shown to a caller
 */
export function storageFailure(error: unknown, where: string): unknown {
  const trouble = troubleOf(error)
  if (trouble === null) return error
  if (trouble !== 'damaged') {
    return new LatchworkError('storage_unavailable', {
      message: sentences[trouble],
      retryAfterSeconds,
      cause: error,
    })
  }
  return damaged(where, error)
}

/** @param cause its code says what was found; without a code, `found` does */
export function damaged(
  where: string,
  cause: unknown,
  found = 'its pages do not fit together',
): LatchworkError {
  return new LatchworkError('database_unreachable', {
    message: `${where} is damaged (${systemCode(cause) ?? found}). Stop the server, put what is left of it aside, and restore a backup into an empty database: latchwork restore.`,
    cause,
  })
}

function troubleOf(error: unknown): Trouble | null {
  if (!(error instanceof Error) || error instanceof LatchworkError) return null
  const code = systemCode(error)
  if (isUnreachableCode(code)) return 'away'
  if (code !== null) return troubles.find(([begin]) => code.startsWith(begin))?.[1] ?? null
  return endedWords.test(error.message) ? 'away' : null
}
