import { LatchworkError } from '@latchwork/contract'
import type { KeyProvider } from './key-provider.ts'
import { keyIdOf } from './sealing.ts'

/**
 * Several providers as one: the first seals, each opens what its keys sealed. Nothing is opened with a retired key, nor
 * by any other key than the one that sealed it.
 * @param retired ids of keys; may grow
 */
export function combineKeys(
  active: KeyProvider,
  readable: readonly KeyProvider[],
  retired: ReadonlySet<string>,
): KeyProvider {
  const all = [active, ...readable]
  const keyIds = () => [...new Set(all.flatMap((each) => each.keyIds))].filter((id) => !retired.has(id))
  return {
    description: all.map((each) => each.description).join(' and '),
    get activeKeyId() {
      return active.activeKeyId
    },
    get keyIds() {
      return keyIds()
    },
    wrap: async (dataKey) => {
      if (retired.has(active.activeKeyId)) throw retiredKey(active.activeKeyId)
      return active.wrap(dataKey)
    },
    unwrap: async (wrapped) => {
      const keyId = keyIdOf(wrapped)
      if (retired.has(keyId)) throw retiredKey(keyId)
      const holder = all.find((each) => each.keyIds.includes(keyId)) ?? active
      return holder.unwrap(wrapped)
    },
  }
}

function retiredKey(keyId: string): LatchworkError {
  return new LatchworkError('master_key_missing', {
    message: `The master key ${keyId} was retired: nothing is sealed or opened with it any more.`,
  })
}
