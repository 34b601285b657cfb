import { createHash, createHmac } from 'node:crypto'
import type { AuditEntry } from '@latchwork/contract'
import { sameHash } from '@latchwork/vault'
import type { AuditHead } from './row.ts'

/** The previous hash of the first entry. */
export const chainStart = '0'.repeat(64)
/** A hash made with the key begins with this. */
const keyedMark = 'k1.'

type Unhashed = Omit<AuditEntry, 'hash'>

/** Computes the hashes and signatures of the log. The database alone is not enough to compute them. */
export class ChainKey {
  readonly #entries: Buffer
  readonly #head: Buffer

  /** @param secret known to every process of the installation, not readable from its database alone */
  constructor(secret: string) {
    this.#entries = keyFor(secret, 'the entries of the audit log')
    this.#head = keyFor(secret, 'the end of the audit log')
  }

  /** The hash of an entry whose predecessor has the hash `previous`. */
  hash(previous: string, entry: Unhashed): string {
    return keyedMark + mac(this.#entries, `entry:${previous}${hashed(entry)}`)
  }

  /** One step of a digest over stored rows, readable or not. */
  digest(before: string, rowText: string): string {
    return mac(this.#entries, `row:${before}${rowText}`)
  }

  pendingMac(id: string, act: string): string {
    return mac(this.#entries, `pending:${id}${act}`)
  }

  isPending(id: string, act: string, given: string): boolean {
    return sameHash(given, this.pendingMac(id, act))
  }

  sign(head: Omit<AuditHead, 'signature'>): string {
    const { sequence, hash, lastAt, since, accepted, removedTo, removedHash } = head
    // A log of which nothing was removed is signed as before there was such a thing.
    const removed = removedTo === 0 ? '' : `:${removedTo}:${removedHash}`
    return mac(this.#head, `${sequence}:${hash}:${lastAt}:${since}:${accepted}${removed}`)
  }

  isSigned(head: AuditHead): boolean {
    return sameHash(head.signature, this.sign(head))
  }

  /** Checks the signature as it was made before entries had keyed hashes. */
  isSignedAsBefore({ sequence, hash, signature }: AuditHead): boolean {
    return sameHash(signature, mac(this.#head, `${sequence}:${hash}`))
  }
}

export function isKeyed(hash: string): boolean {
  return hash.startsWith(keyedMark)
}

/** The old hash without a key, which anybody can compute. The first keyed entry is chained to the last old one. */
export function bareHash(previous: string, entry: Unhashed): string {
  const { email: _, ...actor } = entry.actor
  return createHash('sha256')
    .update(previous + hashed({ ...entry, actor }))
    .digest('hex')
}

function keyFor(secret: string, purpose: string): Buffer {
  return createHmac('sha256', secret).update(purpose).digest()
}

function mac(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex')
}

function hashed(entry: Omit<Unhashed, 'actor'> & { readonly actor: object }): string {
  const { sequence, at, actor, action, object, result, reason, before, after, address, agent, requestId } =
    entry
  return canonicalJson({
    ...{ sequence, at, actor, action, object, result, reason, before, after, address, agent, requestId },
  })
}

/** JSON with sorted names and no spaces: equal values give equal text. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const pairs = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, item]) => `${JSON.stringify(name)}:${canonicalJson(item)}`)
  return `{${pairs.join(',')}}`
}
