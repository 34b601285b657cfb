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
 * A unit of work: one transaction that every query made on its behalf takes part in, whichever store makes it, and a
 * library that shares our connections too. Who makes a query need not know: the unit goes along with the promises.
 *
 * The transaction begins with the first query that is not a plain read. So nothing is held while a password is hashed
 * or another system answers, as long as that comes first. Afterwards nothing may be waited for that itself waits for
 * the database: SQLite has one connection, which the unit has until it ends.
 */

/** Whoever takes it gives it back; the others wait in the order in which they came. */
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

/** What is done at the end of a unit: before its commit, as a part of it; after it; or after it was taken back. */
export interface UnitOutcome {
  beforeCommit(work: () => Promise<void>): void
  afterCommit(work: () => void): void
  afterRollback(work: () => void): void
}

/** What a query of a unit is given for a connection. A query or transaction has it at a time, as on a single connection. */
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

  /** A full disk makes SQLite take the whole transaction back: what came after it would be kept by itself. */
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
    // Work that is done at the end may add more of it.
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

  /** A query that was not waited for has its turn before; one that comes later is none of the unit's. */
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
  /** Whether a transaction that was begun is still there, after an error. */
  readonly isOpen: () => boolean
}

/** The connections of a database: one after the other where there is but one. */
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

/** A driver that gives a query of a unit the unit's connection, and makes a transaction of a unit a savepoint. */
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
    if (!this.#connections.isOpen()) return // the first error is the one to tell; the unit takes no more
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

/** Units of work on a database, and the dialect that its queries are made by. */
export class Units {
  readonly #units = new AsyncLocalStorage<Unit | undefined>()
  readonly #connections: Connections
  readonly dialect: Dialect

  constructor(dialect: Dialect, rules: ConnectionRules) {
    this.#connections = new Connections(dialect.createDriver(), rules)
    // Kysely would wait for the one connection before it asks for it; a unit has it already.
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

  /** The unit that this is a part of; null if none. */
  get current(): UnitOutcome | null {
    const unit = this.#units.getStore()
    return unit === undefined || unit.ended ? null : unit
  }

  /** Does `work` as one unit: all of its changes or none. Within a unit it is a part of that one. */
  async atomically<T>(work: () => Promise<T>): Promise<T> {
    if (this.current !== null) return work()
    const unit = new Unit(this.#connections)
    return this.#units.run(unit, async () => {
      try {
        const result = await work()
        await unit.commit()
        return result
      } catch (error) {
        await unit.rollBack().catch(() => undefined) // the first fault is the one to tell
        throw error
      }
    })
  }

  /** Does `work` as no part of a unit: what goes on by itself, or is shared with others. */
  apart<T>(work: () => T): T {
    return this.#units.run(undefined, work)
  }
}
