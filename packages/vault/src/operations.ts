import type { KeyProvider } from './key-provider.ts'

/** Adds to the stored number of uses of a key. */
export type Reserve = (keyId: string, uses: number) => Promise<void>

interface Counted {
  readonly provider: KeyProvider
  /** Waits for what is being stored. */
  drain(): Promise<void>
}

/**
 * Counts how often each key wraps. Uses are reserved in batches before they happen, so that a crash makes the count too
 * high by at most a batch and never too low.
 * @param batch uses stored at once
 * @see NIST SP 800-38D section 8.3 (at most 2^32 encryptions with a key and random nonces)
 */
export async function countOperations(
  provider: KeyProvider,
  reserve: Reserve,
  batch: number,
): Promise<Counted> {
  const left = new Map<string, number>()
  const underWay = new Map<string, Promise<void>>()
  const refill = (keyId: string): Promise<void> => {
    const refilling = reserve(keyId, batch).then(
      () => void left.set(keyId, (left.get(keyId) ?? 0) + batch),
      () => undefined, // the database is away: the next use tries again, and nothing stops for a count
    )
    underWay.set(
      keyId,
      refilling.finally(() => underWay.delete(keyId)),
    )
    return refilling
  }
  await refill(provider.activeKeyId)
  return {
    provider: {
      get activeKeyId() {
        return provider.activeKeyId
      },
      get keyIds() {
        return provider.keyIds
      },
      description: provider.description,
      unwrap: (wrapped) => provider.unwrap(wrapped),
      wrap: (dataKey) => {
        const keyId = provider.activeKeyId
        const remaining = (left.get(keyId) ?? 0) - 1
        left.set(keyId, remaining)
        // Not waited for: whoever wraps may be inside a transaction of the only connection.
        if (remaining < batch / 2 && !underWay.has(keyId)) void refill(keyId)
        return provider.wrap(dataKey)
      },
    },
    drain: async () => void (await Promise.all(underWay.values())),
  }
}
