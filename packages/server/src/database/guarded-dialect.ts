import type { DatabaseConnection, Dialect } from 'kysely'

/**
 * A dialect that translates the errors of every statement, connection and transaction.
 * @param needsRollback false where the database has rolled a failed transaction back by itself
 */
export function guardedDialect(
  dialect: Dialect,
  translate: (error: unknown) => unknown,
  needsRollback: () => boolean = () => true,
): Dialect {
  const guarded = new WeakSet<DatabaseConnection>()
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw translate(error)
    }
  }
  /**
   * Changes the connection itself, since the driver knows its connections by identity. Transactions begin and end by
   * `executeQuery`, too.
   */
  const guard = (connection: DatabaseConnection): DatabaseConnection => {
    if (guarded.has(connection)) return connection
    guarded.add(connection)
    const execute = connection.executeQuery.bind(connection)
    const stream = connection.streamQuery.bind(connection)
    connection.executeQuery = <R>(...query: Parameters<typeof execute>) => attempt(() => execute<R>(...query))
    connection.streamQuery = async function* <R>(...query: Parameters<typeof stream>) {
      try {
        yield* stream<R>(...query)
      } catch (error) {
        throw translate(error)
      }
    }
    return connection
  }
  return {
    createDriver: () => {
      const driver = dialect.createDriver()
      const acquire = driver.acquireConnection.bind(driver)
      driver.acquireConnection = (options) => attempt(async () => guard(await acquire(options)))
      const rollback = driver.rollbackTransaction.bind(driver)
      driver.rollbackTransaction = async (connection) => {
        if (needsRollback()) await rollback(connection)
      }
      return driver
    },
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  }
}
