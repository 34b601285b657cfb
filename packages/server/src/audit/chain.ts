import { createHash } from 'node:crypto'
import type { AuditEntry } from '@latchwork/contract'

/** What the first entry follows upon. */
export const chainStart = '0'.repeat(64)

/** The hash of an entry that follows upon one with `previous` as its hash: SHA-256, hex. */
export function hashEntry(previous: string, entry: Omit<AuditEntry, 'hash'>): string {
  const { sequence, at, actor, action, object, result, reason, before, after, address, agent, requestId } =
    entry
  const hashed = {
    ...{ sequence, at, actor, action, object, result, reason, before, after, address, agent, requestId },
  }
  return createHash('sha256')
    .update(previous + canonicalJson(hashed))
    .digest('hex')
}

/** JSON with the names of every object sorted and no spaces: the same text for the same value. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const pairs = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, item]) => `${JSON.stringify(name)}:${canonicalJson(item)}`)
  return `{${pairs.join(',')}}`
}
