import { systemClock } from '@latchwork/close'
import { type AuditState, invalidField, type MasterKeys } from '@latchwork/contract'
import { AuditLog } from '../audit/log.ts'
import { logParts, personOnServer } from '../audit/on-server.ts'
import { openAuditStore } from '../audit/store.ts'
import { readNow } from '../database/database.ts'
import { openMetadataStore } from '../database/metadata.ts'
import { openCurrentDatabase } from '../database/open.ts'
import { MasterKeyService } from '../master-keys/master-keys.ts'
import { openKeys } from '../master-keys/open.ts'
import { openKeyStore } from '../master-keys/store.ts'
import type { Settings } from '../settings/settings.ts'

const usage = 'keys list | keys add | keys rotate | keys retire KEY'

/**
 * `keys`: the same as `/api/keys`, without a server. On SQLite the server must not be running.
 * @throws {LatchworkError} as at start, and as the endpoints
 */
export async function keysCommand(settings: Settings, args: string[]): Promise<void> {
  const [command = 'list', id, ...rest] = args
  const takesId = command === 'retire'
  if (
    !['list', 'add', 'rotate', 'retire'].includes(command) ||
    rest.length > 0 ||
    takesId !== (id !== undefined)
  )
    throw invalidField('keys', 'usage', `Call it like this: ${usage}`)
  const database = await openCurrentDatabase(settings)
  try {
    const stores = {
      database,
      audit: openAuditStore(database),
      metadata: openMetadataStore(database),
      keys: openKeyStore(database),
      now: async () => new Date(await readNow(database)),
    }
    const keys = await openKeys(settings, stores)
    const note = (fields: object, text?: string): void => {
      process.stderr.write(`${text ?? ''} ${JSON.stringify(fields)}\n`)
    }
    const log = { info: note, warn: note }
    const audit = await AuditLog.open(await logParts(stores, keys.vault, settings.dataDir))
    // A key that is no longer trusted is replaced even if the log takes no entries: then the entry waits.
    const record = (action: string, object: string | null, after: AuditState | null = null) =>
      database.atomically(() =>
        audit.record(
          {
            ...{ action, actor: personOnServer(), after },
            object: object === null ? null : { kind: 'key', id: object, name: '' },
          },
          { orLater: true },
        ),
      )
    const service = new MasterKeyService({
      ...{ stores, keys, log, clock: systemClock },
      finished: ({ keyId, done }) => record('key.rotated', keyId, { done }),
    })
    if (command !== 'list') await record(`key.${command}`, id ?? null)
    if (command === 'add') await service.add()
    if (command === 'retire' && id !== undefined) await service.retire(id)
    if (command === 'rotate') {
      await service.changeOver()
      await service.reencrypt(new AbortController().signal)
    }
    process.stdout.write(describe(await service.list()))
    await audit.drain()
    await keys.drain()
  } finally {
    await database.close()
  }
}

function describe({ items, rotation, quarantined }: MasterKeys): string {
  const lines = items.map(
    ({ id, state, ageDays, operations, rows, warnings }) =>
      `${id}  ${state.padEnd(8)}  ${ageDays} days  ${operations} uses  ${rows} values${warnings.map(({ message }) => `\n  ${message}`).join('')}`,
  )
  if (rotation !== null) {
    const others = items.filter((key) => key.id !== rotation.keyId).reduce((sum, key) => sum + key.rows, 0)
    lines.push(
      `${rotation.finishedAt === null ? 'Rotation under way' : 'Last rotation'}: ${rotation.done} values re-encrypted, ${others} on other keys.`,
    )
  }
  lines.push(...quarantined.map(({ table, rowId, code }) => `In quarantine: ${table} ${rowId} (${code})`))
  return `${lines.join('\n')}\n`
}
