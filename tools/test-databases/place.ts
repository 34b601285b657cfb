import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPostgresDatabase } from './server.ts'
import { templateOfRun } from './template.ts'

/** The storage of one or several servers. */
export interface Place {
  /** Absolute path. */
  readonly dataDir: string
  /** `postgres://…`; null: SQLite in the data folder. */
  readonly databaseUrl: string | null
  /** Removes everything in it. */
  remove(): Promise<void>
}

/** `migrated` has the empty tables of this version. `none` has nothing at all, for tests of a first start. */
export type Begin = 'migrated' | 'none'

/** A data folder with SQLite's file in it. */
export async function sqlitePlace(begin: Begin = 'migrated'): Promise<Place> {
  return placeIn(newFolder(begin))
}

/** A database on the run's PostgreSQL, and a data folder. */
export async function postgresPlace(begin: Begin = 'migrated'): Promise<Place> {
  const template = begin === 'migrated' ? templateOfRun() : null
  const database = await createPostgresDatabase(template?.postgresDatabase ?? null)
  const { dataDir, remove } = placeIn(newFolder('none'))
  return {
    dataDir,
    databaseUrl: database.url.href,
    remove: async () => {
      await database.drop()
      await remove()
    },
  }
}

/** A new data folder. With SQLite's file if it is to begin `migrated`; without a template of the run, its first server migrates it. */
export function newFolder(begin: Begin): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchwork-place-'))
  const template = begin === 'migrated' ? templateOfRun() : null
  if (template !== null) copyFileSync(template.sqliteFile, join(dataDir, 'latchwork.db'))
  return dataDir
}

function placeIn(dataDir: string): Place {
  const remove = async () => rmSync(dataDir, { recursive: true, force: true })
  return { dataDir, databaseUrl: null, remove }
}
