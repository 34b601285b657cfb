import type { AuditEntry, AuditFault } from '@latchwork/contract'
import { toTime } from '../database/columns.ts'
import { bareHash, type ChainKey, chainStart, isKeyed } from './chain.ts'
import type { AuditAct, AuditHead, AuditTail, Extension } from './row.ts'
import { isLater, type Seen } from './witness.ts'

/** How the end of a log stands: as a server left it, of an unused database, of a log without keyed hashes, or damaged. */
export type Standing =
  | { readonly kind: 'whole'; readonly head: AuditHead }
  | { readonly kind: 'new' }
  | { readonly kind: 'unkeyed'; readonly head: AuditHead }
  | { readonly kind: 'damaged'; readonly fault: AuditFault }

/**
 * Looks whether the end of the log is the one that a server left: signed, the same as the copy among the facts, not
 * before what was seen already, the last entry as it was written and nothing behind it.
 */
export function judgeTail(end: AuditTail, key: ChainKey, seen: Seen | null): Standing {
  const { head, counter, last } = end
  const [newest] = last
  const damaged = (sequence: number, kind: AuditFault['kind'], message: string): Standing => ({
    kind: 'damaged',
    fault: { sequence, kind, message },
  })
  if (head === null) return damaged(0, 'head_missing', 'The note of where the log ends is gone.')
  if (head.sequence === 0 && newest === undefined) {
    if (counter === null && seen === null && !end.used) return { kind: 'new' }
    return damaged(1, 'emptied', 'The log is empty, and the database has been used.')
  }
  const unkeyed = head.since === 0 && counter === null && key.isSignedAsBefore(head)
  if (!unkeyed && !key.isSigned(head)) {
    const message = 'The end of the log does not carry the signature of this server.'
    return damaged(head.sequence, 'head_forged', message)
  }
  if (!unkeyed && counter !== counterOf(head)) {
    const message = `The end of the log, at entry ${head.sequence}, is not the latest that a server wrote: an older one was put back.`
    return damaged(head.sequence, 'put_back', message)
  }
  if (seen !== null && isLater(seen, head)) {
    const message = `The log ends with entry ${head.sequence}, and entry ${seen.sequence} had been written: the database is in an older state.`
    return damaged(head.sequence + 1, 'put_back', message)
  }
  if (newest === undefined || newest.sequence < head.sequence) {
    const missing = (newest?.sequence ?? 0) + 1
    return damaged(missing, 'cut_off', `The log ends before entry ${missing}: its end is missing.`)
  }
  if (newest.sequence > head.sequence) {
    const message = `There is an entry ${newest.sequence} behind the end of the log, which no server wrote.`
    return damaged(head.sequence + 1, 'inserted', message)
  }
  if (newest.hash !== head.hash || !isAsWritten(end, head, key)) {
    return damaged(head.sequence, 'altered', `Entry ${head.sequence} is not the one that the log ended with.`)
  }
  if (seen?.accepted === head.accepted && end.witnessed !== seen.hash) {
    const message = `Entry ${seen.sequence} is another than the one that was written: the log went on from an older state.`
    return damaged(seen.sequence, 'put_back', message)
  }
  return unkeyed ? { kind: 'unkeyed', head } : { kind: 'whole', head }
}

/** The last entry by its own hash, where the one before it is at hand. */
function isAsWritten({ last: [newest, before] }: AuditTail, head: AuditHead, key: ChainKey): boolean {
  if (newest?.entry == null) return false
  if (head.since > 1 && newest.sequence === head.since) return true // follows upon the digest of what was accepted
  if (before !== undefined && before.sequence !== newest.sequence - 1) return false
  const hash = isKeyed(newest.hash) ? (...args: Parameters<ChainKey['hash']>) => key.hash(...args) : bareHash
  return hash(before?.hash ?? chainStart, newest.entry) === newest.hash
}

/** The copy of the head that is kept among the facts. */
function counterOf({ accepted, sequence, signature }: AuditHead): string {
  return JSON.stringify({ accepted, sequence, signature })
}

/** What follows upon `previous` when acts are appended. */
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
