import { AsyncLocalStorage } from 'node:async_hooks'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SelectQueryNode,
  type TransactionSettings,
} from 'kysely'

/*
 * A unit of work is one transaction for all queries that are made within it, by any store or by a library that shares
 * our connections. The code that makes a query need not know of the unit: the unit follows the chain of promises.
 *
 * The transaction begins with the first query that is not a plain read. So no lock is held while a password is hashed
 * or another system answers, as long as that comes first. After that query the unit must not wait for anything that
 * itself waits for the database: SQLite has one connection, and the unit has it until it ends.
 */

/** A turn that one caller takes and gives back. The others wait in the order in which they came. */
class Turn {
  readonly #waiting: (() => void)[] = []
  #taken = false

  async take(): Promise<void> {
    if (this.#taken) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#taken = true
  }

  give(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#taken = false
    else next()
  }
}

/** What is done at the end of a unit: before its commit, as a part of it; after its commit; or after its rollback. */
export interface UnitOutcome {
  beforeCommit(work: () => Promise<void>): void
  afterCommit(work: () => void): void
  afterRollback(work: () => void): void
}

/** The connection of a unit's queries. One query or transaction has it at a time. */
class Unit implements DatabaseConnection, UnitOutcome {
  readonly turn = new Turn()
  readonly #connections: Connections
  readonly #before: (() => Promise<void>)[] = []
  readonly #after: (() => void)[] = []
  readonly #takenBack: (() => void)[] = []
  #own: DatabaseConnection | null = null
  ended = false

  constructor(connections: Connections) {
    this.#connections = connections
  }

  beforeCommit(work: () => Promise<void>): void {
    this.#before.push(work)
  }

  afterCommit(work: () => void): void {
    this.#after.push(work)
  }

  afterRollback(work: () => void): void {
    this.#takenBack.push(work)
  }

  async begin(): Promise<DatabaseConnection> {
    if (this.#own !== null) return this.#own
    const own = await this.#connections.acquire()
    try {
      await this.#connections.driver.beginTransaction(own, {})
    } catch (error) {
      await this.#connections.release(own)
      throw error
    }
    this.#own = own
    return own
  }

  /** On a full disk SQLite rolls the whole transaction back. A later query would then be committed alone. */
  refuseUnlessOpen(): void {
    if (this.#own !== null && !this.#connections.isOpen())
      throw new Error('the database has taken the unit back')
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    this.refuseUnlessOpen()
    if (this.#own !== null || !isPlainRead(query)) return (await this.begin()).executeQuery<R>(query)
    const borrowed = await this.#connections.acquire()
    try {
      return await borrowed.executeQuery<R>(query)
    } finally {
      await this.#connections.release(borrowed)
    }
  }

  async *streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    yield* (await this.begin()).streamQuery<R>(query, chunkSize)
  }

  async commit(): Promise<void> {
    // This work may add more of itself.
    for (let work = this.#before.shift(); work !== undefined; work = this.#before.shift()) await work()
    this.refuseUnlessOpen()
    await this.#end((driver, own) => driver.commitTransaction(own))
    for (const work of this.#after) work()
  }

  async rollBack(): Promise<void> {
    try {
      await this.#end((driver, own) => driver.rollbackTransaction(own))
    } finally {
      for (const work of this.#takenBack) work()
    }
  }

  /** A query that nobody awaited has its turn first. A query after the end is not part of the unit. */
  async #end(how: (driver: Driver, own: DatabaseConnection) => Promise<void>): Promise<void> {
    if (this.ended) return
    await this.turn.take()
    this.ended = true
    try {
      const own = this.#own
      if (own === null) return
      try {
        await how(this.#connections.driver, own)
      } catch (error) {
        // A commit that was refused leaves the transaction open.
        await this.#connections.driver.rollbackTransaction(own).catch(() => undefined)
        throw error
      } finally {
        await this.#connections.release(own)
      }
    } finally {
      this.turn.give()
    }
  }
}

export interface ConnectionRules {
  /** Whether the database has one connection. */
  readonly single: boolean
  /** Whether the transaction is still open after an error. */
  readonly isOpen: () => boolean
}

/** The connections of a database. Where there is only one, its users take turns. */
class Connections {
  readonly driver: Driver
  readonly isOpen: () => boolean
  readonly #turn: Turn | null

  constructor(driver: Driver, { single, isOpen }: ConnectionRules) {
    this.driver = driver
    this.isOpen = isOpen
    this.#turn = single ? new Turn() : null
  }

  async acquire(): Promise<DatabaseConnection> {
    await this.#turn?.take()
    try {
      return await this.driver.acquireConnection()
    } catch (error) {
      this.#turn?.give()
      throw error
    }
  }

  async release(connection: DatabaseConnection): Promise<void> {
    try {
      await this.driver.releaseConnection(connection)
    } finally {
      this.#turn?.give()
    }
  }
}

const savepoint = (command: string) => CompiledQuery.raw(`${command} in_unit`)

/** A driver that gives a unit's queries the unit's connection, and makes a transaction inside a unit a savepoint. */
class UnitDriver implements Driver {
  readonly #connections: Connections
  readonly #units: AsyncLocalStorage<Unit | undefined>

  constructor(connections: Connections, units: AsyncLocalStorage<Unit | undefined>) {
    this.#connections = connections
    this.#units = units
  }

  init(): Promise<void> {
    return this.#connections.driver.init()
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const unit = this.#units.getStore()
    if (unit === undefined) return this.#connections.acquire()
    await unit.turn.take()
    if (!unit.ended) return unit
    unit.turn.give()
    return this.#connections.acquire()
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    if (!(connection instanceof Unit)) return this.#connections.driver.beginTransaction(connection, settings)
    await connection.executeQuery(savepoint('savepoint'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    if (!(connection instanceof Unit)) return this.#connections.driver.commitTransaction(connection)
    await connection.executeQuery(savepoint('release savepoint'))
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (!(connection instanceof Unit)) return this.#connections.driver.rollbackTransaction(connection)
    if (!this.#connections.isOpen()) return // the first error is the one to report; the unit takes no more
    await connection.executeQuery(savepoint('rollback to savepoint'))
    await connection.executeQuery(savepoint('release savepoint'))
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    if (connection instanceof Unit) connection.turn.give()
    else await this.#connections.release(connection)
  }

  destroy(): Promise<void> {
    return this.#connections.driver.destroy()
  }
}

function isPlainRead({ query }: CompiledQuery): boolean {
  return SelectQueryNode.is(query) && query.endModifiers === undefined
}

/** Units of work on a database, and the dialect of its queries. */
export class Units {
  readonly #units = new AsyncLocalStorage<Unit | undefined>()
  readonly #connections: Connections
  readonly dialect: Dialect

  constructor(dialect: Dialect, rules: ConnectionRules) {
    this.#connections = new Connections(dialect.createDriver(), rules)
    // Otherwise Kysely would wait for the one connection, which a unit has already.
    const adapter = Object.defineProperty(dialect.createAdapter(), 'supportsMultipleConnections', {
      value: true,
    })
    this.dialect = {
      createDriver: () => new UnitDriver(this.#connections, this.#units),
      createAdapter: () => adapter,
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createIntrospector: (db) => dialect.createIntrospector(db),
    }
  }

  /** The present unit; null if none. */
  get current(): UnitOutcome | null {
    const unit = this.#units.getStore()
    return unit === undefined || unit.ended ? null : unit
  }

  /** Does `work` as one unit: all of its changes or none. Inside another unit it is a part of that one. */
  async atomically<T>(work: () => Promise<T>): Promise<T> {
    if (this.current !== null) return work()
    const unit = new Unit(this.#connections)
    return this.#units.run(unit, async () => {
      try {
        const result = await work()
        await unit.commit()
        return result
      } catch (error) {
        await unit.rollBack().catch(() => undefined) // the first fault is the one to report
        throw error
      }
    })
  }

  /** Does `work` outside any unit: work that continues by itself, or is shared with others. */
  apart<T>(work: () => T): T {
    return this.#units.run(undefined, work)
  }
}
