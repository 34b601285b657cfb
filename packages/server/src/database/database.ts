import { CamelCasePlugin, type Dialect, Kysely, type RawBuilder, sql } from 'kysely'
import type { AuthTables, Tables } from './tables.ts'
import { type UnitOutcome, Units } from './unit.ts'

/** What differs between the two databases. */
export interface Sql {
  readonly kind: 'sqlite' | 'postgres'
  /** Milliseconds since 1970 by the database's own clock. */
  readonly now: RawBuilder<number>
  /** At the end of a query in a transaction: locks the rows that it returns. SQLite has one writer at a time anyway. */
  readonly forUpdate: RawBuilder<unknown>
  readonly forShare: RawBuilder<unknown>
  /** As `forUpdate`, but skips rows that another transaction has locked. */
  readonly skipLocked: RawBuilder<unknown>
  /** Removes erased data from the database's files; null where we can't. */
  readonly wipe: RawBuilder<unknown> | null
  /** A member of a column that has an object as JSON, where it is text. */
  readonly textIn: (column: string, member: string) => RawBuilder<string | null>
}

const nothing = sql``

export const sqliteSql: Sql = {
  kind: 'sqlite',
  now: sql`cast(round(unixepoch('subsec') * 1000) as integer)`,
  forUpdate: nothing,
  forShare: nothing,
  skipLocked: nothing,
  // Freed pages are overwritten, but the journal still has their old content until this checkpoint.
  wipe: sql`pragma wal_checkpoint(truncate)`,
  textIn: (column, member) => sql`json_extract(${sql.ref(column)}, ${`$.${member}`})`,
}

export const postgresSql: Sql = {
  kind: 'postgres',
  now: sql`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`,
  forUpdate: sql`for update`,
  forShare: sql`for share`,
  skipLocked: sql`for update skip locked`,
  wipe: null,
  textIn: (column, member) => sql`cast(${sql.ref(column)} as jsonb) ->> cast(${member} as text)`,
}

/** An open database. */
export interface Database {
  readonly sql: Sql
  /** Our tables, camelCase here and snake_case there. */
  readonly tables: Kysely<Tables>
  /** The same connections with unchanged names, for better-auth. */
  readonly auth: Kysely<AuthTables>
  /** The caller's unit of work; null if none. */
  readonly unit: UnitOutcome | null
  /** Does `work` in one transaction, for the queries of every store: see unit.ts. */
  atomically<T>(work: () => Promise<T>): Promise<T>
  /** Does `work` outside the caller's unit: work that is shared with others, or continues in the background. */
  apart<T>(work: () => T): T
  close(): Promise<void>
}

/**
 * @param closeDriver closes what Kysely leaves open, e.g. when no query was ever made
 * @param isOpen whether a transaction is still open, where the database may roll one back by itself
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
    // The driver and connections of `auth`; only the names differ.
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
