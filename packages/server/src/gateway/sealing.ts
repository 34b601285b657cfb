import { createHash } from 'node:crypto'
import type { AuditEntry, PassSeals } from '@latchwork/contract'
import { counted } from '@latchwork/contract'
import type { AuditLog } from '../audit/log.ts'
import { toTime } from '../database/columns.ts'
import type { Database } from '../database/database.ts'
import type { MetadataStore } from '../database/metadata.ts'
import { type CallRow, type CallStore, hourMs } from './store/calls.ts'

export interface SealParts {
  readonly calls: Pick<CallStore, 'ofHour' | 'first'>
  readonly metadata: MetadataStore
  readonly audit: Pick<AuditLog, 'record' | 'entries'>
  readonly database: Pick<Database, 'atomically'>
  /** Calls that are older are erased. */
  readonly keepCallsMs: number
  now(): Promise<Date>
}

const action = 'gateway.seal'
const sealedUntil = 'gateway.calls_sealed_until'
/** Calls of an hour that is over are stored by then, by every process. */
const storedByMs = 2 * 60_000
const hoursAtOnce = 24

/**
 * Seals the calls of each hour that is over into the audit log: an entry with their number and a hash over all of them.
 * Ordinary calls are too many for entries of their own; by the seal it is seen whether one was changed or removed later.
 */
export async function sealCalls({ calls, metadata, audit, database, now }: SealParts): Promise<void> {
  const nowMs = (await now()).getTime() - storedByMs
  const end = nowMs - (nowMs % hourMs)
  const first = await calls.first()
  if (first === null) return
  const stored = await metadata.setOnce(sealedUntil, String(first - (first % hourMs)))
  // Hours without a stored call need no seal.
  const begin = Math.max(Number(stored), first - (first % hourMs))
  for (let hour = begin, from = stored; hour < Math.min(end, begin + hoursAtOnce * hourMs); hour += hourMs) {
    const { count, digest } = await digestOf(calls.ofHour(hour))
    const to = String(hour + hourMs)
    const sealed = await database.atomically(async () => {
      // Of several processes one seals an hour.
      if (!(await metadata.replace(sealedUntil, from, to))) return false
      const after = { hour: toTime(hour), calls: count, digest }
      if (count > 0) await audit.record({ action, object: null, after })
      return true
    })
    if (!sealed) return
    from = to
  }
}

/** Compares the stored calls with the seals of their hours. Hours whose calls are old enough to be erased are left out. */
export async function verifySeals({ calls, audit, keepCallsMs, now }: SealParts): Promise<PassSeals> {
  const oldest = (await now()).getTime() - keepCallsMs + hourMs
  let hours = 0
  for await (const entry of audit.entries({ action, from: toTime(oldest) })) {
    const seal = sealOf(entry)
    if (seal === null || Date.parse(seal.hour) < oldest) continue
    hours += 1
    const { count, digest } = await digestOf(calls.ofHour(Date.parse(seal.hour)))
    if (count === seal.calls && digest === seal.digest) continue
    const message =
      count === seal.calls
        ? `A call of the hour from ${seal.hour} was changed.`
        : `The hour from ${seal.hour} had ${counted(seal.calls, 'call')}; ${count} ${count === 1 ? 'is' : 'are'} stored.`
    return { intact: false, hours, fault: { hour: seal.hour, message } }
  }
  return { intact: true, hours, fault: null }
}

function sealOf({ after }: AuditEntry) {
  const { hour, calls, digest } = after ?? {}
  return typeof hour === 'string' && typeof calls === 'number' && typeof digest === 'string'
    ? { hour, calls, digest }
    : null
}

async function digestOf(
  parts: AsyncIterable<readonly CallRow[]>,
): Promise<{ count: number; digest: string }> {
  const hash = createHash('sha256')
  let count = 0
  for await (const rows of parts) {
    for (const { via, ...row } of rows) {
      // As it was before there was another way.
      const sealed = via === null ? row : { ...row, via }
      hash.update(`${JSON.stringify(Object.entries(sealed).sort(byName))}\n`)
    }
    count += rows.length
  }
  return { count, digest: hash.digest('hex') }
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}
