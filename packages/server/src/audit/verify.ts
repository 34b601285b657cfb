import { type AuditEntry, type AuditFault, type AuditVerdict, LatchworkError } from '@latchwork/contract'
import { bareHash, type ChainKey, chainStart, isKeyed } from './chain.ts'
import type { AuditHead, ReadRows } from './row.ts'
import type { AuditStore } from './store.ts'
import { judgeTail } from './tail.ts'
import type { Seen } from './witness.ts'

const entriesAtOnce = 1000

/**
 * Reads the whole log and says where it first is not as it was written. Whoever has the database and not the master key
 * can compute neither an entry's hash nor the signature of the end, and finds a copy of the end where the log is not.
 * @param seen the latest end that was seen; asked for before anything is read
 */
export async function verifyLog(store: AuditStore, key: ChainKey, seen: Seen | null): Promise<AuditVerdict> {
  const standing = judgeTail(await store.look(seen?.sequence ?? null), key, seen)
  if (standing.kind === 'new') return { intact: true, entries: 0, fault: null, acceptedAt: null }
  if (standing.kind === 'damaged') {
    return { intact: false, entries: 0, fault: standing.fault, acceptedAt: null }
  }
  const { head } = standing
  const { entries, fault } = await walk(store, key, head)
  return { intact: fault === null, entries, fault, acceptedAt: head.since > 1 ? head.since : null }
}

/** The entries from the beginning of the chain to the end that was found good, and what was accepted before. */
async function walk(
  store: AuditStore,
  key: ChainKey,
  head: AuditHead,
): Promise<{ entries: number; fault: AuditFault | null }> {
  const accepted = head.since > 1
  const remains = accepted ? await digestRows(store.rows, key, head.since) : null
  let previous = remains?.digest ?? chainStart
  let keyed = accepted
  let expected = Math.max(1, head.since)
  let after = accepted ? head.since - 1 : Number.MIN_SAFE_INTEGER
  let entries = remains?.entries ?? 0
  const faulty = (sequence: number, kind: AuditFault['kind'], message: string) => ({
    entries,
    fault: { sequence, kind, message },
  })
  while (expected <= head.sequence) {
    const page = await readable(store, after, Math.min(entriesAtOnce, head.sequence - expected + 1))
    if (page === null) return faulty(expected, 'altered', `Entry ${expected} can't be read any more.`)
    if (page.length === 0) {
      return faulty(expected, 'cut_off', `The log ends before entry ${expected}: its end is missing.`)
    }
    for (const entry of page) {
      if (entry.sequence < expected) {
        const message = `There is an entry ${entry.sequence} before the first, which no server wrote.`
        return faulty(entry.sequence, 'inserted', message)
      }
      if (entry.sequence > expected) return faulty(expected, 'missing', `Entry ${expected} is missing.`)
      keyed ||= isKeyed(entry.hash)
      const hash = keyed ? key.hash(previous, entry) : bareHash(previous, entry)
      if (hash !== entry.hash) {
        const message =
          accepted && expected === head.since
            ? `What was accepted by entry ${expected}, or that entry itself, is not as it was then.`
            : `Entry ${expected} is not as it was written, or was moved here.`
        return faulty(expected, 'altered', message)
      }
      previous = hash
      after = expected
      expected += 1
      entries += 1
    }
  }
  if (previous === head.hash) return { entries, fault: null }
  return faulty(head.sequence, 'altered', `Entry ${head.sequence} is not the one that the log ended with.`)
}

/** All that is stored before an entry, whatever it holds. */
export async function digestRows(
  rows: ReadRows,
  key: ChainKey,
  before: number,
): Promise<{ digest: string; entries: number }> {
  let digest = chainStart
  let after = Number.MIN_SAFE_INTEGER
  let entries = 0
  for (;;) {
    const page = await rows(after, before, entriesAtOnce)
    for (const { text } of page) digest = key.digest(digest, text)
    entries += page.length
    const last = page.at(-1)
    if (last === undefined) return { digest, entries }
    after = last.sequence
  }
}

/** Up to `limit` entries, of which the first that can't be read is not one; null if it is the very first. */
async function readable(store: AuditStore, after: number, limit: number): Promise<AuditEntry[] | null> {
  try {
    return await store.read({}, after, limit)
  } catch (error) {
    if (!(error instanceof LatchworkError || error instanceof RangeError)) throw error
    return limit === 1 ? null : readable(store, after, Math.ceil(limit / 2))
  }
}
