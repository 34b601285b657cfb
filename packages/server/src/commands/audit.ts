import { invalidField } from '@latchwork/contract'
import { type AlertStore, openAlertStore } from '../alerts/store.ts'
import { tellOfAcceptance } from '../audit/damage.ts'
import { AuditLog } from '../audit/log.ts'
import { logParts, personOnServer } from '../audit/on-server.ts'
import { openAuditStore } from '../audit/store.ts'
import type { Database } from '../database/database.ts'
import { openMetadataStore } from '../database/metadata.ts'
import { openCurrentDatabase } from '../database/open.ts'
import { openVault } from '../master-keys/open.ts'
import type { Settings } from '../settings/settings.ts'

const usage = 'audit verify | audit accept'

/**
 * `audit verify` prints whether the log is as it was written, and exits with status 1 if it is not. `audit accept`
 * continues a damaged log from what is there: the next entry names the fault and who accepted it. Both run on the
 * server's machine. On SQLite the server must not be running (`POST /api/audit/verify` asks a running one).
 * @throws {LatchworkError} `invalid_input`, and as at start, `database_locked` among them
 */
export async function auditCommand(settings: Settings, args: readonly string[]): Promise<void> {
  const [command, ...rest] = args
  if ((command !== 'verify' && command !== 'accept') || rest.length > 0) {
    throw invalidField('audit', 'usage', `Call it like this: ${usage}`)
  }
  const database = await openCurrentDatabase(settings)
  try {
    const metadata = openMetadataStore(database)
    const vault = await openVault(settings, metadata)
    const parts = await logParts(
      { audit: openAuditStore(database), database, metadata },
      vault,
      settings.dataDir,
    )
    const log = AuditLog.forReading(parts)
    await (command === 'verify' ? verify(log) : accept(log, database, openAlertStore(database)))
    await log.drain()
  } finally {
    await database.close()
  }
}

async function verify(log: AuditLog): Promise<void> {
  const { intact, entries, fault, acceptedAt, removedTo } = await log.verify()
  const since = acceptedAt === null ? '' : ` The entries before ${acceptedAt} are as they were accepted then.`
  const from = removedTo === null ? '' : ` The entries up to ${removedTo} were removed by age.`
  print(intact ? `The audit log is intact: ${entries} entries.${since}${from}` : (fault?.message ?? ''))
  process.exitCode = intact ? 0 : 1
}

async function accept(log: AuditLog, database: Database, alerts: AlertStore): Promise<void> {
  const { fault } = await log.verify()
  if (fault === null) return print('The audit log is intact: there is nothing to accept.')
  await database.atomically(async () => {
    await log.accept({
      ...{ action: 'audit.accept', object: null, actor: personOnServer() },
      ...{ reason: 'audit_damaged', after: { fault } },
    })
    await tellOfAcceptance(alerts)
  })
  print(`Accepted. The log now names the fault: ${fault.message}`)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
