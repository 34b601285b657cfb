import { randomUUID } from 'node:crypto'
import type { Secret } from '@latchwork/vault'
import type { Database } from './database.ts'
import { migrate } from './migrations/migrate.ts'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'

export interface DatabaseSettings {
  /** `postgres://…`; null: SQLite in the data folder. */
  readonly databaseUrl: Secret | null
  /** Absolute path. */
  readonly dataDir: string
}

/** Opens the database as it is. @throws LatchworkError as `openCurrentDatabase` */
export async function openDatabase({ databaseUrl, dataDir }: DatabaseSettings): Promise<Database> {
  return databaseUrl === null ? openSqlite(dataDir) : openPostgres(databaseUrl.reveal())
}

/**
 * Opens the database and migrates it to this version.
 * @throws LatchworkError `database_unreachable`, `database_locked`, `database_newer`,
 * `data_dir_unwritable`, `storage_unavailable`
 */
export async function openCurrentDatabase(settings: DatabaseSettings): Promise<Database> {
  const database = await openDatabase(settings)
  try {
    await migrate(database)
    if (database.sql.kind === 'sqlite') await releaseDeadLeases(database)
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

/** As long as a row that needs pages of its own. */
const probeLength = 16_384

/**
 * Writes something and erases it in one transaction, since a full or read-only database still answers reads.
 * @throws LatchworkError `storage_unavailable`
 */
export async function proveWritable({ tables }: Database): Promise<void> {
  const name = `write_probe_${randomUUID()}`
  await tables.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('metadata')
      .values({ name, value: '.'.repeat(probeLength) })
      .execute()
    await transaction.deleteFrom('metadata').where('name', '=', name).execute()
  })
}

/**
 * Only this process has the file, so the holders of leases are dead: nobody waits for those to run out. Intents stay,
 * since it is not known what the dead process sent.
 */
async function releaseDeadLeases({ tables }: Database): Promise<void> {
  await tables
    .updateTable('credentials')
    .set({ leaseOwner: null, leaseExpiresAt: null })
    .where('leaseOwner', 'is not', null)
    .execute()
}
