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
  const prepared = new Map<string, SqliteFile.Statement>()
  return {
    close: () => {
      prepared.clear()
      file.close()
    },
    prepare: (sql) => {
      if (!/^\s*(select|insert|update|delete|with)\b/i.test(sql)) {
        if (!/^\s*(begin|commit|rollback|savepoint|release)\b/i.test(sql)) prepared.clear()
        return file.prepare(sql)
      }
      const statement = prepared.get(sql) ?? file.prepare(sql)
      // The newest stands last.
      prepared.delete(sql)
      prepared.set(sql, statement)
      const [oldest] = prepared.keys()
      if (prepared.size > most && oldest !== undefined) prepared.delete(oldest)
      return statement
    },
  }
}
