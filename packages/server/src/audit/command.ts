import { signingSecret } from '../accounts/auth.ts'
import { openVault } from '../master-key.ts'
import type { Settings } from '../settings/settings.ts'
import { openStores } from '../stores/open.ts'
import { AuditLog } from './log.ts'

/**
 * `audit verify`: prints whether the log is as it was written, and ends with status 1 if it is not.
 * On SQLite the server must not be running: `POST /api/audit/verify` asks a running one.
 * @throws {LatchworkError} as at start, `database_locked` among them
 */
export async function verifyAudit(settings: Settings): Promise<void> {
  const stores = await openStores(settings)
  try {
    const vault = await openVault(settings, stores.facts)
    const log = new AuditLog(stores.audit, await signingSecret(stores, vault))
    const { intact, entries, fault } = await log.verify()
    const text = intact ? `The audit log is intact: ${entries} entries.` : (fault?.message ?? '')
    process.stdout.write(`${text}\n`)
    process.exitCode = intact ? 0 : 1
  } finally {
    await stores.close()
  }
}
