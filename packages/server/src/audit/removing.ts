import type { AuditEntry, AuditFault } from '@latchwork/contract'
import { toTime } from '../database/columns.ts'
import type { ChainKey } from './chain.ts'
import { type AuditHead, type AuditTail, type Extension, retainedAct } from './row.ts'
import type { AuditStore } from './store.ts'
import { extend, judgeTail } from './tail.ts'
import { walk } from './verify.ts'
import type { Seen } from './witness.ts'

/** What is removed in one transaction. */
const mostAtOnce = 100_000
/** Entries go once a day: each time adds one itself. */
const onceMs = 86_400_000

/** The oldest entries, as they were found. */
interface Old {
  readonly head: AuditHead
  /** The last of them. */
  readonly sequence: number
  readonly hash: string
  readonly entries: number
  /** Milliseconds since 1970: they are all older. */
  readonly before: number
}

/**
 * Finds the entries that are older than `ageMs`, unless none is older by a day. They are verified: one that was altered
 * stays, as the evidence that it is. What was accepted goes when the entry of its acceptance is that old.
 */
export async function findOld(
  store: AuditStore,
  key: ChainKey,
  seen: Seen | null,
  ageMs: number,
): Promise<Old | AuditFault | null> {
  const end = await store.look(seen?.sequence ?? null)
  const standing = judgeTail(end, key, seen)
  if (standing.kind === 'damaged') return standing.fault
  if (standing.kind !== 'whole') return null
  const { head } = standing
  const before = end.nowMs - ageMs
  const [first] = await store.read({}, Math.max(head.removedTo, head.since - 1), 1).catch(() => [])
  if (first !== undefined && Date.parse(first.at) > before - onceMs) return null
  let left = mostAtOnce
  const isOld = ({ at }: AuditEntry): boolean => Date.parse(at) < before && left-- > 0
  const walked = await walk(store, key, head, isOld)
  if (walked.fault !== null) return walked.fault
  const isAny = walked.sequence >= Math.max(walked.head.since, walked.head.removedTo + 1)
  return isAny ? { ...walked, before } : null
}

/**
 * What removes them: the signed end of the log has the last of them as the anchor of the chain. Null if another process was
 * quicker, or the log was accepted meanwhile.
 * @param setting by which they are removed
 */
export function removal(
  key: ChainKey,
  { head, sequence, hash, entries, before }: Old,
  {
    end,
    seen,
    act,
  }: { readonly end: AuditTail; readonly seen: Seen | null; readonly act: Parameters<typeof retainedAct>[0] },
): Extension | null {
  const standing = judgeTail(end, key, seen)
  if (standing.kind !== 'whole') return null
  const { head: now } = standing
  if (now.removedTo !== head.removedTo || now.accepted !== head.accepted) return null
  const after = { upTo: sequence, entries, olderThan: toTime(before) }
  const from = { ...now, since: 1, removedTo: sequence, removedHash: hash }
  const removed = retainedAct({ ...act, after: { ...after, ...act.after } })
  return { ...extend(key, from, [removed], end.nowMs), removeTo: sequence }
}
