import { randomUUID } from 'node:crypto'
import type { Secret } from '@latchwork/vault'
import { openAccessStore } from './access.ts'
import { type AttemptStore, openAttemptStore } from './attempts.ts'
import { openAuditStore } from './audit.ts'
import { openAuthorizationStore } from './authorizations.ts'
import { openCredentialStore } from './credentials.ts'
import { type Database, readNow } from './database.ts'
import { type DeletedCredentialStore, openDeletedCredentialStore } from './deleted.ts'
import { openDeviceStore } from './devices.ts'
import { openEndStore } from './ends.ts'
import { openFactStore } from './facts.ts'
import { openFileStore } from './files.ts'
import { openFlowStore } from './flows.ts'
import { openHealthStore } from './health.ts'
import type { HealthStore } from './health-interface.ts'
import type { Stores } from './interfaces.ts'
import { openKeyStore } from './keys.ts'
import { openMemberStore } from './members.ts'
import { migrate } from './migrate.ts'

import { openPasskeyStore } from './passkeys.ts'
import { openPasswordResetStore } from './password-resets.ts'

import { openPauseStore, type PauseStore } from './pauses.ts'

import { openPostgres } from './postgres.ts'
import { openPreviousStore } from './previous.ts'
import type { PreviousStore } from './previous-interface.ts'
import { openRunRecords } from './run-records.ts'
import { openRunStore } from './runs.ts'
import { openSessionStore } from './sessions.ts'
import { openShareStore } from './shares.ts'
import { openSqlite } from './sqlite.ts'
import { openTokenStore } from './tokens.ts'

export interface StoreSettings {
  /** `postgres://…`; null: SQLite in the data folder. */
  readonly databaseUrl: Secret | null
  /** Absolute path. */
  readonly dataDir: string
}

export interface OpenStores extends Stores {
  readonly previous: PreviousStore
  readonly health: HealthStore
  readonly attempts: AttemptStore
  readonly pauses: PauseStore
  /** For the job queue. */
  readonly database: Database
  /** Does `work` in one transaction, with the entry of the audit log for the request that asked for it. */
  commit<T>(work: () => Promise<T>): Promise<T>
  /** What only the server's own clean-up and restoring ask for. */
  readonly deleted: DeletedCredentialStore
  /** Takes what was erased out of the database's files, too. */
  wipe(): Promise<void>
  /** For better-auth: its own tables, in the same connections. */
  readonly kysely: Database['auth']
}

/** Opens the database as it is. @throws LatchworkError as `openStores` */
export async function openDatabase({ databaseUrl, dataDir }: StoreSettings): Promise<Database> {
  return databaseUrl === null ? openSqlite(dataDir) : openPostgres(databaseUrl.reveal())
}

/**
 * Opens the database, brings it to this version and answers its stores.
 * @throws LatchworkError `database_unreachable`, `database_locked`, `database_newer`,
 * `data_dir_unwritable`, `storage_unavailable`
 */
export async function openStores(settings: StoreSettings): Promise<OpenStores> {
  const database = await openDatabase(settings)
  try {
    await migrate(database)
    if (database.sql.kind === 'sqlite') await releaseDeadLeases(database)
  } catch (error) {
    await database.close()
    throw error
  }
  return {
    kind: database.sql.kind,
    database,
    commit: (work) => database.atomically(work),
    kysely: database.auth,
    credentials: openCredentialStore(database),
    authorizations: openAuthorizationStore(database),
    ends: openEndStore(database),
    files: openFileStore(database),
    shares: openShareStore(database),
    flows: openFlowStore(database),
    runs: openRunStore(database),
    records: openRunRecords(database),
    tokens: openTokenStore(database),
    devices: openDeviceStore(database),
    attempts: openAttemptStore(database),
    sessions: openSessionStore(database),
    passkeys: openPasskeyStore(database),
    passwordResets: openPasswordResetStore(database),
    facts: openFactStore(database),
    previous: openPreviousStore(database),
    health: openHealthStore(database),
    pauses: openPauseStore(database),
    audit: openAuditStore(database),
    access: openAccessStore(database),
    deleted: openDeletedCredentialStore(database),
    members: openMemberStore(database),
    keys: openKeyStore(database),
    now: async () => new Date(await readNow(database)),
    ping: () => proveWritable(database),
    wipe: async () => {
      await database.sql.wipe?.execute(database.auth)
    },
    close: () => database.close(),
  }
}

/** As large as a row that needs pages of its own. */
const probeLength = 16_384

/**
 * Writes something and erases it in one transaction, since a full or read-only database still answers what it holds.
 * @throws LatchworkError `storage_unavailable`
 */
async function proveWritable({ tables }: Database): Promise<void> {
  const name = `write_probe_${randomUUID()}`
  await tables.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('facts')
      .values({ name, value: '.'.repeat(probeLength) })
      .execute()
    await transaction.deleteFrom('facts').where('name', '=', name).execute()
  })
}

/**
 * This process is the only one that has the file, so whoever held a lease is dead: nobody needs to wait for it to run
 * out. Intents stay: what the dead process sent is in doubt.
 */
async function releaseDeadLeases({ tables }: Database): Promise<void> {
  await tables
    .updateTable('credentials')
    .set({ leaseOwner: null, leaseExpiresAt: null })
    .where('leaseOwner', 'is not', null)
    .execute()
}
