import type SqliteFile from 'better-sqlite3'
import type { SqliteDatabase } from 'kysely'

/** So many are kept; lists of different lengths make statements of their own. */
const most = 500

/**
 * The file with its prepared statements kept: SQLite reads a statement, and the driver writes a function for its rows,
 * once for each text and not once for each query. What changes a table empties the store, since the rows of a statement
 * have the columns that there were when it was prepared.
 */
export function keepingStatements(file: SqliteFile.Database): SqliteDatabase {
  const kept = new Map<string, SqliteFile.Statement>()
  return {
    close: () => {
      kept.clear()
      file.close()
    },
    prepare: (sql) => {
      if (!/^\s*(select|insert|update|delete|with)\b/i.test(sql)) {
        if (!/^\s*(begin|commit|rollback|savepoint|release)\b/i.test(sql)) kept.clear()
        return file.prepare(sql)
      }
      const statement = kept.get(sql) ?? file.prepare(sql)
      // The newest stands last.
      kept.delete(sql)
      kept.set(sql, statement)
      const [oldest] = kept.keys()
      if (kept.size > most && oldest !== undefined) kept.delete(oldest)
      return statement
    },
  }
}
