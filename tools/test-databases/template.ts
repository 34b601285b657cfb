import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The template for the databases of a test run: migrated once, then copied. */
export interface Template {
  /** Contains SQLite's file. */
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

/** The template of the run. Null for a run without one: its databases begin empty. */
export function templateOfRun(): Template | null {
  const name = process.env[variable]
  return name === undefined ? null : templateNamed(name)
}

/** Sets the template for this process and for those that it starts; null: none. */
export function setTemplateOfRun(name: string | null): void {
  if (name === null) delete process.env[variable]
  else process.env[variable] = name
}
