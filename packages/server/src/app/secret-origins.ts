import type { Connector } from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'
import type { AuditLog } from '../audit/log.ts'
import type { CredentialStore } from '../credentials/store/credentials.ts'
import type { Database } from '../database/database.ts'
import type { MetadataStore } from '../database/metadata.ts'

interface OriginParts {
  readonly stores: {
    readonly metadata: MetadataStore
    readonly credentials: Pick<CredentialStore, 'hasAny'>
    readonly database: Pick<Database, 'atomically'>
  }
  readonly audit: Pick<AuditLog, 'record'>
  readonly connectors: ReadonlyMap<string, Connector>
  /** The origin that a person says the system has moved from. */
  readonly movedFrom: string | undefined
}

/**
 * Where a setting decides where secrets go, remembers the place in the database. So stored secrets are not sent to
 * another one, because the database was restored on another server or a setting was mistyped, before a person has
 * named both.
 * @throws {LatchworkError} `secret_destination_changed`
 */
export async function requireSameOrigins({
  stores: { metadata, credentials, database },
  audit,
  connectors,
  movedFrom,
}: OriginParts): Promise<void> {
  for (const [id, { secretsGoTo: to, definition }] of connectors) {
    if (to === undefined) continue
    const name = `secrets_go_to.${id}`
    const from = await metadata.setOnce(name, to)
    if (from === to) continue
    const isUsed = await credentials.hasAny(id)
    if (isUsed && from !== movedFrom) {
      throw new LatchworkError('secret_destination_changed', {
        message: `The credentials for ${definition.label} in this database were made for ${from}, and would now be sent to ${to}. Set LATCHWORK_CLOSE_API_URL to ${from} again. If their secrets are meant to go to ${to} from now on, set LATCHWORK_CLOSE_MOVED_FROM to ${from} for one start.`,
      })
    }
    await database.atomically(async () => {
      await metadata.set(name, to)
      if (isUsed) {
        const object = { kind: 'connector', id, name: definition.label }
        await audit.record({
          action: 'connector.moved',
          object,
          before: { origin: from },
          after: { origin: to },
        })
      }
    })
  }
}
