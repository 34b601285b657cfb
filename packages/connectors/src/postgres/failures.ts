import {
  type ErrorCode,
  isUnreachableCode,
  LatchworkError,
  outsideText,
  systemCode,
} from '@latchwork/contract'
import { DatabaseError } from 'pg'

/** The server shuts down, was killed, or starts. */
const restartStates = new Set(['57P01', '57P02', '57P03'])
const maxWords = 250
/** The server gave one statement up for the sake of others, or by a limit of its own time. */
const retryableStates = new Set(['40001', '40P01', '55P03', '57014'])
/** A trigger's own refusal of a row, and a value that is too long for an index. */
const rowStates = new Set(['P0001', '54000'])

/**
 * The error of a PostgreSQL server, by code, as a sentence for a person.
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function postgresFailure(error: unknown): LatchworkError {
  if (error instanceof LatchworkError) return error
  const { code, message } = explain(error)
  return new LatchworkError(code, { message, cause: error })
}

function explain(error: unknown): { code: ErrorCode; message: string } {
  const message = wordsOf(error)
  const state = systemCode(error) ?? ''
  if (!(error instanceof DatabaseError)) return explainConnection(state, message)
  if (state === '28000' && /no encryption|SSL off/i.test(message)) {
    return {
      code: 'tls_failed',
      message: 'The server accepts encrypted connections only. Choose an encryption.',
    }
  }
  switch (state) {
    case '28P01':
    case '28000':
      return { code: 'login_rejected', message: `The database refused this user and password: ${message}.` }
    case '3D000':
      return { code: 'database_missing', message: `The server has no such database: ${message}.` }
    case '42501':
      return lacking(message)
    case '25006':
      return {
        code: 'upstream_error',
        message:
          'The database only reads at this moment: it is a standby, or was set to read only, as some providers do when its disk is full.',
      }
    case '53100':
      return { code: 'upstream_error', message: "The database server's disk is full." }
    case '53200':
      return { code: 'upstream_error', message: 'The database server is out of memory at this moment.' }
    case '53300':
      return {
        code: 'upstream_error',
        message: 'The database has too many connections at this moment. Try again later.',
      }
    default:
      return restartStates.has(state) || state.startsWith('08')
        ? { code: 'unreachable', message: `The database can't be reached: ${message}.` }
        : {
            code: retryableStates.has(state) ? 'upstream_error' : 'upstream_refused',
            message: `PostgreSQL says: ${message}.`,
          }
  }
}

/** @param words as the server says it: "permission denied for table leads" */
export function lacking(words: string): LatchworkError {
  return new LatchworkError('account_refused', {
    message: `The database user lacks a right: ${words}. Grant it, or use another user.`,
  })
}

/** What stands in the database can't be written to as the form or the flow says. */
export function unfitTable(message: string, field = 'table'): LatchworkError {
  return new LatchworkError('invalid_input', { message, errors: [{ field, rule: 'target', message }] })
}

function explainConnection(code: string, message: string): { code: ErrorCode; message: string } {
  if (/does not support SSL/i.test(message)) {
    return {
      code: 'tls_failed',
      message:
        'The server does not offer encryption. Turn it on there, or choose "Not encrypted" if the network is safe.',
    }
  }
  if (/^(ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO)|CERT|SIGNATURE/.test(code)) {
    return { code: 'tls_failed', message: `The server's certificate was refused: ${message}.` }
  }
  if (isUnreachableCode(code)) {
    return {
      code: 'unreachable',
      message: `We couldn't reach the database server (${code}). Check host and port, and that a firewall lets us through.`,
    }
  }
  return {
    code: 'unreachable',
    message: 'The connection to the database ended or gave no answer in time. Check host and port.',
  }
}

/** The server's own words, short enough to leave room for ours beside them. */
function wordsOf(error: unknown): string {
  return error instanceof Error ? outsideText(error.message, { max: maxWords }) : ''
}

/** Whether the whole page may be tried again: the connection broke, or the server asks for another try. */
export function isPassing(error: unknown): boolean {
  if (error instanceof LatchworkError) return error.code === 'unreachable'
  if (error instanceof DatabaseError) {
    const state = error.code ?? ''
    return restartStates.has(state) || retryableStates.has(state) || state.startsWith('08')
  }
  if (!(error instanceof Error)) return false
  return (
    isUnreachableCode(systemCode(error)) ||
    /connection (terminated|ended)|not queryable|read timeout/i.test(error.message)
  )
}

/** The server took a row and wrote nothing, as a trigger can say. */
export class RowLeftOut extends Error {
  constructor() {
    super('A trigger of the table left the row out: nothing was written.')
  }
}

/** Of the server: what checks a row by the policies of its table. It has no state of its own. */
const policyRoutine = 'ExecWithCheckOptions'

/**
 * The server's words about one record, if it is the record that it refuses (a value, a constraint, a policy, a trigger).
 * @param labelOf the label of a column by its name in the table
 */
export function refusalOf(error: unknown, labelOf: (name: string) => string): string | null {
  if (error instanceof RowLeftOut) return error.message
  if (!(error instanceof DatabaseError)) return null
  const state = error.code ?? ''
  const isOfRow = /^2[23]/.test(state) || rowStates.has(state) || error.routine === policyRoutine
  if (!isOfRow) return null
  const column = error.column ?? /, column ([^:]+)(:|$)/m.exec(error.where ?? '')?.[1]
  const words = wordsOf(error)
  return column === undefined ? words : `${words} (column ${outsideText(labelOf(column), { max: 63 })})`
}
