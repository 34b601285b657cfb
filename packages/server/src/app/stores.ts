import { openAlertStore } from '../alerts/store.ts'
import { openAuditStore } from '../audit/store.ts'
import { openAuthorizationStore } from '../credentials/store/authorizations.ts'
import { openCheckStore } from '../credentials/store/checks.ts'
import { openCredentialStore } from '../credentials/store/credentials.ts'
import { openDeletedCredentialStore } from '../credentials/store/deleted.ts'
import { openPreviousStore } from '../credentials/store/previous.ts'
import { openUsageStore } from '../credentials/store/usage.ts'
import { type Database, readNow } from '../database/database.ts'
import { openMetadataStore } from '../database/metadata.ts'
import { type DatabaseSettings, openCurrentDatabase, proveWritable } from '../database/open.ts'
import { openFileStore } from '../files/store.ts'
import { openFlowStore } from '../flows/store/flows.ts'
import { openPauseStore } from '../flows/store/pauses.ts'
import { openRunRecords } from '../flows/store/run-records.ts'
import { openRunStore } from '../flows/store/runs.ts'
import { openSideStore } from '../flows/store/sides.ts'
import { openCallStore } from '../gateway/store/calls.ts'
import { openPassStore } from '../gateway/store/passes.ts'
import { openPassWriteStore } from '../gateway/store/writes.ts'
import { openAccessStore } from '../identity/store/access.ts'
import { openAttemptStore } from '../identity/store/attempts.ts'
import { openDeviceStore } from '../identity/store/devices.ts'
import { openInvitationStore } from '../identity/store/invitations.ts'
import { openMemberStore } from '../identity/store/members.ts'
import { openPasskeyStore } from '../identity/store/passkeys.ts'
import { openPasswordResetStore } from '../identity/store/password-resets.ts'
import { openSessionStore } from '../identity/store/sessions.ts'
import { openTokenStore } from '../identity/store/tokens.ts'
import { openKeyStore } from '../master-keys/store.ts'
import { openShareStore } from '../shares/store.ts'

/**
 * Opens the database, migrates it to this version and returns its stores.
 * @throws LatchworkError as `openCurrentDatabase`
 */
export async function openStores(settings: DatabaseSettings) {
  return storesOf(await openCurrentDatabase(settings))
}

/** Every store of the database, for the composition alone. Each part of it names the few that it needs. */
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
    sides: openSideStore(database),
    files: openFileStore(database),
    passes: openPassStore(database),
    passCalls: openCallStore(database),
    passWrites: openPassWriteStore(database),
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
    metadata: openMetadataStore(database),
    previous: openPreviousStore(database),
    checks: openCheckStore(database),
    alerts: openAlertStore(database),
    pauses: openPauseStore(database),
    audit: openAuditStore(database),
    access: openAccessStore(database),
    deleted: openDeletedCredentialStore(database),
    members: openMemberStore(database),
    invitations: openInvitationStore(database),
    keys: openKeyStore(database),
    usage: openUsageStore(database),
    /** The database's own clock. */
    now: async () => new Date(await readNow(database)),
    ping: () => proveWritable(database),
    /** Removes erased data from the database's files, too. */
    wipe: async (): Promise<void> => {
      await database.sql.wipe?.execute(database.auth)
    },
    close: () => database.close(),
  }
}

export type OpenStores = ReturnType<typeof storesOf>
