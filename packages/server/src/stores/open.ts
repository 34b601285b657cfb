import { openAccessStore } from './access.ts'
import { openAlertStore } from './alerts.ts'
import { openAttemptStore } from './attempts.ts'
import { openAuditStore } from './audit.ts'
import { openAuthorizationStore } from './authorizations.ts'
import { openCheckStore } from './checks.ts'
import { openCredentialStore } from './credentials.ts'
import { type Database, readNow } from './database.ts'
import { openDeletedCredentialStore } from './deleted.ts'
import { openDeviceStore } from './devices.ts'
import { openEndStore } from './ends.ts'
import { openFactStore } from './facts.ts'
import { openFileStore } from './files.ts'
import { openFlowStore } from './flows.ts'
import { openKeyStore } from './keys.ts'
import { openMemberStore } from './members.ts'
import { type DatabaseSettings, openCurrentDatabase, proveWritable } from './open-database.ts'

import { openPasskeyStore } from './passkeys.ts'
import { openPasswordResetStore } from './password-resets.ts'

import { openPauseStore } from './pauses.ts'

import { openPreviousStore } from './previous.ts'
import { openRunRecords } from './run-records.ts'
import { openRunStore } from './runs.ts'
import { openSessionStore } from './sessions.ts'
import { openShareStore } from './shares.ts'
import { openTokenStore } from './tokens.ts'
import { openUsageStore } from './usage.ts'

/** Opens the database, brings it to this version and answers its stores. @throws LatchworkError as `openCurrentDatabase` */
export async function openStores(settings: DatabaseSettings) {
  return storesOf(await openCurrentDatabase(settings))
}

/** Every store of the database, for the composition alone: whatever is composed names the few that it needs. */
export function storesOf(database: Database) {
  return {
    kind: database.sql.kind,
    database,
    /** Does `work` in one transaction, with the entry of the audit log for the request that asked for it. */
    commit: <T>(work: () => Promise<T>): Promise<T> => database.atomically(work),
    /** For better-auth: its own tables, in the same connections. */
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
    checks: openCheckStore(database),
    alerts: openAlertStore(database),
    pauses: openPauseStore(database),
    audit: openAuditStore(database),
    access: openAccessStore(database),
    deleted: openDeletedCredentialStore(database),
    members: openMemberStore(database),
    keys: openKeyStore(database),
    usage: openUsageStore(database),
    /** The database's own clock. */
    now: async () => new Date(await readNow(database)),
    ping: () => proveWritable(database),
    /** Takes what was erased out of the database's files, too. */
    wipe: async (): Promise<void> => {
      await database.sql.wipe?.execute(database.auth)
    },
    close: () => database.close(),
  }
}

export type OpenStores = ReturnType<typeof storesOf>
