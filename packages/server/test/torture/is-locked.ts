import { existsSync } from 'node:fs'
import SqliteDatabase from 'better-sqlite3'

/** Whether a process is in the middle of a write to a SQLite file: frozen there, it would keep all others from it. */
export function isLocked(file: string): boolean {
  if (!existsSync(file)) return false
  const database = new SqliteDatabase(file, { timeout: 0 })
  try {
    database.exec('begin immediate; rollback')
    return false
  } catch (error) {
    if (error instanceof SqliteDatabase.SqliteError && error.code === 'SQLITE_BUSY') return true
    throw error
  } finally {
    database.close()
  }
}
