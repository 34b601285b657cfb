import { CamelCasePlugin, type Dialect, Kysely, type RawBuilder, sql } from 'kysely'
import type { AuthTables, Tables } from './tables.ts'
import { type UnitOutcome, Units } from './unit.ts'

/** What differs between the two databases. */
export interface Sql {
  readonly kind: 'sqlite' | 'postgres'
  /** Milliseconds since 1970 by the database's own clock. */
  readonly now: RawBuilder<number>
  /** Ends a query inside a transaction: locks the rows that it answers. SQLite has one writer at a time anyway. */
  readonly forUpdate: RawBuilder<unknown>
  readonly forShare: RawBuilder<unknown>
  /** As `forUpdate`, but passes over rows that another transaction has locked. */
  readonly skipLocked: RawBuilder<unknown>
  /** Takes out of the database's files what was erased; null where that is not in our hand. */
  readonly wipe: RawBuilder<unknown> | null
}

const nothing = sql``

export const sqliteSql: Sql = {
  kind: 'sqlite',
  now: sql`cast(round(unixepoch('subsec') * 1000) as integer)`,
  forUpdate: nothing,
  forShare: nothing,
  skipLocked: nothing,
  // Pages are overwritten when they are freed; until now the journal still has them as they were.
  wipe: sql`pragma wal_checkpoint(truncate)`,
}

export const postgresSql: Sql = {
  kind: 'postgres',
  now: sql`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`,
  forUpdate: sql`for update`,
  forShare: sql`for share`,
  skipLocked: sql`for update skip locked`,
  wipe: null,
}

/** An open database. */
export interface Database {
  readonly sql: Sql
  /** Our tables, camelCase here and snake_case there. */
  readonly tables: Kysely<Tables>
  /** The same connections without any change of names, for better-auth. */
  readonly auth: Kysely<AuthTables>
  /** The unit of work that the caller is a part of; null if none. */
  readonly unit: UnitOutcome | null
  /** Does `work` in one transaction, whichever store makes its queries: see unit.ts. */
  atomically<T>(work: () => Promise<T>): Promise<T>
  /** Does `work` as no part of the caller's unit: what is shared with others, or goes on behind. */
  apart<T>(work: () => T): T
  close(): Promise<void>
}

/**
 * @param closeDriver closes what Kysely leaves open, e.g. when no query was ever made
 * @param isOpen whether a transaction that was begun is still there, where the database takes one back by itself
 */
export function describeDatabase(
  dialect: Dialect,
  dialectSql: Sql,
  closeDriver: () => void | Promise<void>,
  isOpen: () => boolean = () => true,
): Database {
  const units = new Units(dialect, { single: dialectSql.kind === 'sqlite', isOpen })
  const auth = new Kysely<AuthTables>({ dialect: units.dialect })
  return {
    get unit() {
      return units.current
    },
    atomically: (work) => units.atomically(work),
    apart: (work) => units.apart(work),
    sql: dialectSql,
    auth,
    // Shares auth's driver and connections: only the names differ.
    tables: auth.withPlugin(new CamelCasePlugin()).$extendTables<Tables>(),
    close: async () => {
      await auth.destroy()
      await closeDriver()
    },
  }
}

/** Asks the database for the time. */
export async function readNow({ sql: { now }, tables }: Database): Promise<number> {
  const answer = await sql<{ now: number }>`select ${now} as now`.execute(tables)
  const row = answer.rows[0]
  if (row === undefined) throw new Error('the database answered no time')
  return Number(row.now)
}
