import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { LatchworkError } from '@latchwork/contract'
import SqliteFile from 'better-sqlite3'
import { SqliteAdapter, SqliteDialect } from 'kysely'
import { type Database, describeDatabase, sqliteSql } from './database.ts'
import { guardedDialect } from './guarded-dialect.ts'
import { keepingStatements } from './statements.ts'
import { damaged, storageFailure } from './unavailable.ts'

const lockFile = 'latchwork.lock'
const privateFile = 0o600
const privateFolder = 0o700
/** A server that is just ending gets this long to release the database. */
const lockWaitMs = 1_000

/**
 * Opens `latchwork.db` in the data folder, for this process alone and readable by this user alone.
 * @throws LatchworkError `data_dir_unwritable`, `database_locked`, `database_unreachable`
 */
export function openSqlite(dataDir: string): Database {
  const path = join(dataDir, 'latchwork.db')
  const emptied = isEmptied(dataDir, path)
  const lock = openLock(dataDir)
  try {
    // SQLite would treat it as a new database, and the first visitor would become its administrator.
    if (emptied) throw damaged(`The database file ${path}`, null, 'it is empty')
    const file = openDatabase(path)
    const isOpen = () => file.inTransaction // a full disk, for example, ends the transaction
    const dialect = guardedDialect(
      new WholeMigrations({ database: keepingStatements(file) }),
      (error) => storageFailure(error, `The database file ${path}`),
      isOpen,
    )
    const close = () => {
      file.close()
      lock.close()
    }
    return describeDatabase(dialect, sqliteSql, close, isOpen)
  } catch (error) {
    lock.close()
    throw error
  }
}

/** Runs all migrations in one transaction. Kysely's own dialect commits each statement, so a killed process would leave half a migration. */
class WholeMigrations extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter()
  }
}

class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** An empty file where a server has run before. A missing file was moved away on purpose, and a new one is made. */
function isEmptied(dataDir: string, path: string): boolean {
  return existsSync(join(dataDir, lockFile)) && statSync(path, { throwIfNoEntry: false })?.size === 0
}

/** Held as long as the process lives. The operating system releases it however the process ends. */
function openLock(dataDir: string): SqliteFile.Database {
  const lockPath = join(dataDir, lockFile)
  let lock: SqliteFile.Database
  try {
    mkdirSync(dataDir, { recursive: true, mode: privateFolder })
    createPrivate(lockPath)
    createPrivate(join(dataDir, 'latchwork.db'))
    lock = new SqliteFile(lockPath, { timeout: lockWaitMs })
  } catch (error) {
    throw new LatchworkError('data_dir_unwritable', {
      message: `The data folder ${dataDir} can't be written to (${reasonOf(error)}). Give this user the right to write there, or set LATCHWORK_DATA_DIR to another folder.`,
      cause: error,
    })
  }
  try {
    lock.pragma('locking_mode = exclusive')
    lock.exec('begin exclusive')
    return lock
  } catch (error) {
    lock.close()
    throw new LatchworkError('database_locked', {
      message: `Another process uses the database in ${dataDir} (${reasonOf(error)}). Stop that one first, or set LATCHWORK_DATA_DIR to another folder.`,
      cause: error,
    })
  }
}

/** SQLite gives its journal files the same permissions. */
function createPrivate(path: string): void {
  closeSync(openSync(path, 'a', privateFile))
  chmodSync(path, privateFile)
}

function openDatabase(path: string): SqliteFile.Database {
  const file = new SqliteFile(path, { timeout: lockWaitMs })
  try {
    file.pragma('journal_mode = wal')
    file.pragma('synchronous = full')
    file.pragma('foreign_keys = on')
    // Erased data is overwritten.
    file.pragma('secure_delete = on')
    checkPages(file, path)
    return file
  } catch (error) {
    file.close()
    if (error instanceof LatchworkError) throw error
    if (/^SQLITE_(CORRUPT|NOTADB)/.test(reasonOf(error))) throw damaged(`The database file ${path}`, error)
    if (reasonOf(error).startsWith('SQLITE_BUSY')) {
      throw new LatchworkError('database_locked', {
        message: `Another program has ${path} open. Close it and start again.`,
        cause: error,
      })
    }
    throw new LatchworkError('database_unreachable', {
      message: `The file ${path} can't be opened as a database (${reasonOf(error)}). Restore a backup, or set LATCHWORK_DATA_DIR to another folder.`,
      cause: error,
    })
  }
}

/** To check a larger file would take longer than a start may. Its damage is found when it is read. */
const checkedPages = 65_536

/** @throws LatchworkError `database_unreachable` */
function checkPages(file: SqliteFile.Database, path: string): void {
  if (Number(file.pragma('page_count', { simple: true })) > checkedPages) return
  const found = file.pragma('quick_check(1)', { simple: true })
  if (found !== 'ok') throw damaged(`The database file ${path}`, null)
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
}
