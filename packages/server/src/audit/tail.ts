import type { AuditEntry, AuditFault } from '@latchwork/contract'
import { toTime } from '../database/columns.ts'
import { bareHash, type ChainKey, chainStart, isKeyed } from './chain.ts'
import type { AuditAct, AuditHead, AuditTail, Extension } from './row.ts'
import { isLater, type Seen } from './witness.ts'

/** The end of a log: as a server left it, that of an unused database, without keyed hashes yet, or damaged. */
export type Standing =
  | { readonly kind: 'whole'; readonly head: AuditHead }
  | { readonly kind: 'new' }
  | { readonly kind: 'unkeyed'; readonly head: AuditHead }
  | { readonly kind: 'damaged'; readonly fault: AuditFault }

/**
 * Judges whether the end of the log is as a server left it. It must be signed, equal the copy in the metadata, and not
 * be older than the end seen before. The last entry must be unaltered, and nothing may follow it.
 */
export function judgeTail(end: AuditTail, key: ChainKey, seen: Seen | null): Standing {
  const { head, counter, last } = end
  const [newest] = last
  const damaged = (sequence: number, kind: AuditFault['kind'], message: string): Standing => ({
    kind: 'damaged',
    fault: { sequence, kind, message },
  })
  if (head === null) return damaged(0, 'head_missing', 'The record of where the log ends is missing.')
  if (head.sequence === 0 && newest === undefined) {
    if (counter === null && seen === null && !end.used) return { kind: 'new' }
    return damaged(1, 'emptied', 'The log is empty although the database has been used.')
  }
  const unkeyed = head.since === 0 && counter === null && key.isSignedAsBefore(head)
  if (!unkeyed && !key.isSigned(head)) {
    const message = 'The end of the log does not carry the signature of this server.'
    return damaged(head.sequence, 'head_forged', message)
  }
  if (!unkeyed && counter !== counterOf(head)) {
    const message = `The end of the log, at entry ${head.sequence}, is not the latest that a server wrote. An older end was put back.`
    return damaged(head.sequence, 'put_back', message)
  }
  if (seen !== null && isLater(seen, head)) {
    const message = `The log ends with entry ${head.sequence}, but entry ${seen.sequence} was written already. The database is in an older state.`
    return damaged(head.sequence + 1, 'put_back', message)
  }
  if (newest === undefined || newest.sequence < head.sequence) {
    const missing = (newest?.sequence ?? 0) + 1
    return damaged(missing, 'cut_off', `The log ends before entry ${missing}: its end is missing.`)
  }
  if (newest.sequence > head.sequence) {
    const message = `Entry ${newest.sequence} stands after the end of the log. No server wrote it.`
    return damaged(head.sequence + 1, 'inserted', message)
  }
  if (newest.hash !== head.hash || !isAsWritten(end, head, key)) {
    return damaged(head.sequence, 'altered', `Entry ${head.sequence} is not the one that the log ended with.`)
  }
  // One that was removed by age can't be compared any more.
  const isThere = seen !== null && seen.sequence > head.removedTo
  if (isThere && seen.accepted === head.accepted && end.witnessed !== seen.hash) {
    const message = `Entry ${seen.sequence} is not the one that was written. The log went on from an older state.`
    return damaged(seen.sequence, 'put_back', message)
  }
  return unkeyed ? { kind: 'unkeyed', head } : { kind: 'whole', head }
}

/** Checks the hash of the last entry, if the entry before it is there. */
function isAsWritten({ last: [newest, before] }: AuditTail, head: AuditHead, key: ChainKey): boolean {
  if (newest?.entry == null) return false
  if (head.since > 1 && newest.sequence === head.since) return true // chained to the digest of the accepted rows
  if (before !== undefined && before.sequence !== newest.sequence - 1) return false
  const hash = isKeyed(newest.hash) ? (...args: Parameters<ChainKey['hash']>) => key.hash(...args) : bareHash
  const start = newest.sequence === head.removedTo + 1 ? anchorOf(head) : chainStart
  return hash(before?.hash ?? start, newest.entry) === newest.hash
}

/** What the first entry that is left is chained to. */
export function anchorOf({ removedTo, removedHash }: AuditHead): string {
  return removedTo === 0 ? chainStart : removedHash
}

/** The copy of the head for the metadata. */
function counterOf({ accepted, sequence, signature }: AuditHead): string {
  return JSON.stringify({ accepted, sequence, signature })
}

/** The entries and the new head that follow `from`. */
export function extend(
  key: ChainKey,
  from: Omit<AuditHead, 'signature'>,
  acts: readonly AuditAct[],
  nowMs: number,
): Extension {
  const lastAt = Math.max(nowMs, from.lastAt)
  let { hash } = from
  const entries = acts.map((act, index): AuditEntry => {
    const entry = { ...act, sequence: from.sequence + index + 1, at: toTime(lastAt) }
    hash = key.hash(hash, entry)
    return { ...entry, hash }
  })
  const unsigned = { ...from, sequence: from.sequence + acts.length, hash, lastAt }
  const head = { ...unsigned, signature: key.sign(unsigned) }
  return { entries, head, counter: counterOf(head) }
}
