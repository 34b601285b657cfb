import { userInfo } from 'node:os'
import type { Actor } from '@latchwork/contract'
import type { Vault } from '@latchwork/vault'
import type { Database } from '../database/database.ts'
import type { MetadataStore } from '../database/metadata.ts'
import { signingSecret } from '../master-keys/signing-secret.ts'
import type { AuditLogParts } from './log.ts'
import type { AuditStore } from './store.ts'

/** The parts with which a command on the server opens the log. */
export async function logParts(
  stores: { readonly audit: AuditStore; readonly database: Database; readonly metadata: MetadataStore },
  vault: Vault,
  dataDir: string,
): Promise<AuditLogParts> {
  const secret = await signingSecret(stores, vault)
  return { store: stores.audit, database: stores.database, secret, dataDir }
}

/** The actor of a command on the server: a user of its machine, not a member. */
export function personOnServer(): Actor {
  return { kind: 'system', id: null, name: `${userInfo().username} on the server`, email: null }
}
