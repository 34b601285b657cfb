import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPostgresDatabase } from './server.ts'
import { templateOfRun } from './template.ts'

/** Where one server, or several, keep what they have. */
export interface Place {
  /** Absolute path. */
  readonly dataDir: string
  /** `postgres://…`; null: SQLite in the data folder. */
  readonly databaseUrl: string | null
  /** The end of everything in it. */
  remove(): Promise<void>
}

/**
 * `migrated` has the tables of this version and nothing in them; `none` has nothing at all, and is for what a first
 * start itself does.
 */
export type Begin = 'migrated' | 'none'

/** A data folder with SQLite's file in it. */
export async function sqlitePlace(begin: Begin = 'migrated'): Promise<Place> {
  const place = await emptyFolder()
  const template = templateOfRun()
  // Without a run's template the first to open it migrates.
  if (begin === 'migrated' && template !== null)
    copyFileSync(template.sqliteFile, join(place.dataDir, 'latchwork.db'))
  return place
}

/** A database on the run's PostgreSQL, and a data folder. */
export async function postgresPlace(begin: Begin = 'migrated'): Promise<Place> {
  const template = begin === 'migrated' ? templateOfRun() : null
  const database = await createPostgresDatabase(template?.postgresDatabase ?? null)
  const { dataDir, remove } = await emptyFolder()
  return {
    dataDir,
    databaseUrl: database.url.href,
    remove: async () => {
      await database.drop()
      await remove()
    },
  }
}

async function emptyFolder(): Promise<Place> {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchwork-place-'))
  const remove = async () => rmSync(dataDir, { recursive: true, force: true })
  return { dataDir, databaseUrl: null, remove }
}
