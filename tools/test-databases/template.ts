import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the databases of a test run begin as: migrated once, then copied. */
export interface Template {
  /** Has SQLite's file in it. */
  readonly folder: string
  readonly sqliteFile: string
  /** The database on PostgreSQL. */
  readonly postgresDatabase: string
}

const variable = 'LATCHWORK_TEST_TEMPLATE'

export function templateNamed(name: string): Template {
  const folder = join(tmpdir(), name)
  return { folder, sqliteFile: join(folder, 'latchwork.db'), postgresDatabase: name }
}

/** The template of the run; null for a run without one, whose databases begin empty. */
export function templateOfRun(): Template | null {
  const name = process.env[variable]
  return name === undefined ? null : templateNamed(name)
}

/** Says to this process, and to those that it starts, which is theirs; null: none. */
export function setTemplateOfRun(name: string | null): void {
  if (name === null) delete process.env[variable]
  else process.env[variable] = name
}
