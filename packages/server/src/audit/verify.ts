import { type AuditEntry, type AuditFault, type AuditVerdict, LatchworkError } from '@latchwork/contract'
import { bareHash, type ChainKey, chainStart, isKeyed } from './chain.ts'
import type { AuditHead, ReadRows } from './row.ts'
import type { AuditStore } from './store.ts'
import { anchorOf, judgeTail } from './tail.ts'
import type { Seen } from './witness.ts'

const entriesAtOnce = 1000

/**
 * Reads the whole log and finds the first place that was changed. Without the master key nobody can compute an entry's
 * hash or the signature of the end, and copies of the end are kept outside of the log.
 * @param seen the latest end that this server saw, taken before anything is read
 */
export async function verifyLog(store: AuditStore, key: ChainKey, seen: Seen | null): Promise<AuditVerdict> {
  const standing = judgeTail(await store.look(seen?.sequence ?? null), key, seen)
  if (standing.kind === 'new')
    return { intact: true, entries: 0, fault: null, acceptedAt: null, removedTo: null }
  if (standing.kind === 'damaged') {
    return { intact: false, entries: 0, fault: standing.fault, acceptedAt: null, removedTo: null }
  }
  const { head } = standing
  const { entries, fault, head: now } = await walk(store, key, head)
  const [acceptedAt, removedTo] = [now.since > 1 ? now.since : null, now.removedTo || null]
  return { intact: fault === null, entries, fault, acceptedAt, removedTo }
}

/** How far the log was looked at: the last entry, with its hash, and how many there were. */
interface Walked {
  readonly head: AuditHead
  readonly entries: number
  readonly sequence: number
  readonly hash: string
  readonly fault: AuditFault | null
}

/**
 * Checks the accepted rows, and the entries from the beginning of the chain to its end.
 * @param isMeant ends it before the first entry that is not
 */
export async function walk(
  store: AuditStore,
  key: ChainKey,
  head: AuditHead,
  isMeant: (entry: AuditEntry) => boolean = () => true,
): Promise<Walked> {
  const walked = await walkOnce(store, key, head, isMeant)
  if (walked.fault === null) return walked
  // What is missing may have been removed by age while it was looked for.
  const { head: now } = await store.look(null)
  const isRemoved = now !== null && now.removedTo > head.removedTo && key.isSigned(now)
  return isRemoved ? walk(store, key, now, isMeant) : walked
}

async function walkOnce(
  store: AuditStore,
  key: ChainKey,
  head: AuditHead,
  isMeant: (entry: AuditEntry) => boolean,
): Promise<Walked> {
  const accepted = head.since > 1
  const remains = accepted ? await digestRows(store.rows, key, head.since) : null
  let previous = remains?.digest ?? anchorOf(head)
  let keyed = accepted || isKeyed(previous)
  let expected = Math.max(head.removedTo + 1, head.since)
  let after = accepted ? head.since - 1 : Number.MIN_SAFE_INTEGER
  let entries = remains?.entries ?? 0
  const walked = (fault: AuditFault | null): Walked => ({
    head,
    entries,
    sequence: expected - 1,
    hash: previous,
    fault,
  })
  const faulty = (sequence: number, kind: AuditFault['kind'], message: string) =>
    walked({ sequence, kind, message })
  while (expected <= head.sequence) {
    const page = await readable(store, after, Math.min(entriesAtOnce, head.sequence - expected + 1))
    if (page === null) return faulty(expected, 'altered', `Entry ${expected} can't be read any more.`)
    if (page.length === 0) {
      return faulty(expected, 'cut_off', `The log ends before entry ${expected}: its end is missing.`)
    }
    for (const entry of page) {
      if (entry.sequence < expected) {
        const message = `Entry ${entry.sequence} stands before the first. No server wrote it.`
        return faulty(entry.sequence, 'inserted', message)
      }
      if (entry.sequence > expected) return faulty(expected, 'missing', `Entry ${expected} is missing.`)
      keyed ||= isKeyed(entry.hash)
      const hash = keyed ? key.hash(previous, entry) : bareHash(previous, entry)
      if (hash !== entry.hash) {
        const message =
          accepted && expected === head.since
            ? `Entry ${expected}, or the log that it accepted, was changed since then.`
            : `Entry ${expected} was changed or moved here.`
        return faulty(expected, 'altered', message)
      }
      if (!isMeant(entry)) return walked(null)
      previous = hash
      after = expected
      expected += 1
      entries += 1
    }
  }
  if (previous === head.hash) return walked(null)
  return faulty(head.sequence, 'altered', `Entry ${head.sequence} is not the one that the log ended with.`)
}

/** Digests all rows before an entry, readable or not. */
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

/** Reads up to `limit` entries and stops before the first unreadable one. Null if the very first is unreadable. */
async function readable(store: AuditStore, after: number, limit: number): Promise<AuditEntry[] | null> {
  try {
    return await store.read({}, after, limit)
  } catch (error) {
    if (!(error instanceof LatchworkError || error instanceof RangeError)) throw error
    return limit === 1 ? null : readable(store, after, Math.ceil(limit / 2))
  }
}
