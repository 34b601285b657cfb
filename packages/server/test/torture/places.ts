import { join } from 'node:path'
import { Secret } from '@latchwork/vault'
import SqliteFile from 'better-sqlite3'
import { SqliteDialect } from 'kysely'
import { type OpenStores, openStores } from '../../src/app/stores.ts'
import { openCredentialStore } from '../../src/credentials/store/credentials.ts'
import { describeDatabase, sqliteSql } from '../../src/database/database.ts'
import { openMetadataStore } from '../../src/database/metadata.ts'
import type { DatabaseSettings } from '../../src/database/open.ts'
import { makePostgresPlace, makeSqlitePlace, type TestPlace } from '../database/database.ts'
import { startLine } from './line.ts'

export type StoreKind = OpenStores['kind']

/** Many processes write to one file here, on a machine that may be busy. */
const patientMs = 30_000

/** What a refresh needs of the stores. */
export type RefreshStores = Pick<OpenStores, 'credentials' | 'metadata' | 'close'>

/** A new database of this version. */
export async function makePlace(kind: StoreKind): Promise<TestPlace> {
  const place = await (kind === 'sqlite' ? makeSqlitePlace() : makePostgresPlace())
  await (await openStores(place.settings)).close()
  return place
}

/**
 * Opens a database as one of several processes. The product keeps SQLite's file to one process by a lock beside it; here
 * the file is opened past that lock, so that the protocol alone has to hold.
 */
export async function openAmongOthers(
  settings: DatabaseSettings,
  lockWaitMs = patientMs,
): Promise<RefreshStores> {
  if (settings.databaseUrl !== null) return openStores(settings)
  const file = openFile(settings.dataDir, lockWaitMs)
  file.pragma('synchronous = full')
  file.pragma('foreign_keys = on')
  const database = describeDatabase(new SqliteDialect({ database: file }), sqliteSql, () => void file.close())
  return {
    credentials: openCredentialStore(database),
    metadata: openMetadataStore(database),
    close: () => database.close(),
  }
}

function openFile(dataDir: string, timeout: number): SqliteFile.Database {
  return new SqliteFile(join(dataDir, 'latchwork.db'), { timeout })
}

/** A way to a database that can be taken away. */
export interface BreakablePlace extends AsyncDisposable {
  readonly settings: DatabaseSettings
  cut(): void
  mend(): void
}

/** PostgreSQL: connections are lost, and new ones too. SQLite: another connection holds the lock to write. */
export async function breakable(settings: DatabaseSettings): Promise<BreakablePlace> {
  if (settings.databaseUrl !== null) return cuttableLine(settings, settings.databaseUrl.reveal())
  const rival = openFile(settings.dataDir, patientMs)
  return {
    settings,
    cut: () => void rival.exec('begin exclusive'),
    mend: () => void rival.exec('rollback'),
    [Symbol.asyncDispose]: async () => void rival.close(),
  }
}

async function cuttableLine(settings: DatabaseSettings, databaseUrl: string): Promise<BreakablePlace> {
  const line = await startLine(new URL(databaseUrl), 5432)
  return {
    settings: { ...settings, databaseUrl: new Secret(line.url.href) },
    cut: line.cut,
    mend: line.mend,
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  }
}
