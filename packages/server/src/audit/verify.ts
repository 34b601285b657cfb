import { type AuditEntry, type AuditVerdict, LatchworkError } from '@latchwork/contract'
import type { AuditStore } from '../stores/audit-interface.ts'
import { chainStart, hashEntry } from './chain.ts'

const entriesAtOnce = 1000

/**
 * Reads the whole log and says where it first is not as it was written. The head's signature shows when the end was cut
 * off, or the whole chain computed anew by somebody who has the database and not the master key.
 * @param isSigned whether the head's signature is ours
 */
export async function verifyChain(
  store: AuditStore,
  isSigned: (sequence: number, hash: string, signature: string) => boolean,
): Promise<AuditVerdict> {
  const head = await store.head()
  let previous = chainStart
  let entries = 0
  const faulty = (sequence: number, kind: NonNullable<AuditVerdict['fault']>['kind'], message: string) => ({
    intact: false,
    entries,
    fault: { sequence, kind, message },
  })
  if (head.sequence > 0 && !isSigned(head.sequence, head.hash, head.signature)) {
    return faulty(
      head.sequence,
      'head_forged',
      'The end of the log does not carry the signature of this server.',
    )
  }
  while (entries < head.sequence) {
    const page = await readable(store, entries, Math.min(entriesAtOnce, head.sequence - entries))
    if (page === null) return faulty(entries + 1, 'altered', `Entry ${entries + 1} can't be read any more.`)
    if (page.length === 0) {
      return faulty(entries + 1, 'cut_off', `The log ends before entry ${entries + 1}: its end is missing.`)
    }
    for (const entry of page) {
      const expected = entries + 1
      if (entry.sequence !== expected) return faulty(expected, 'missing', `Entry ${expected} is missing.`)
      const hash = hashEntry(previous, entry)
      if (hash !== entry.hash) {
        const message = `Entry ${expected} is not as it was written, or was moved here.`
        return faulty(expected, 'altered', message)
      }
      previous = hash
      entries = expected
    }
  }
  return previous === head.hash || head.sequence === 0
    ? { intact: true, entries, fault: null }
    : faulty(entries, 'altered', `Entry ${entries} is not the one that the log ended with.`)
}

/** Up to `limit` entries, of which the first that can't be read is not one; null if it is the very first. */
async function readable(store: AuditStore, after: number, limit: number): Promise<AuditEntry[] | null> {
  try {
    return await store.read({}, after, limit)
  } catch (error) {
    if (!(error instanceof LatchworkError)) throw error
    return limit === 1 ? null : readable(store, after, Math.ceil(limit / 2))
  }
}
