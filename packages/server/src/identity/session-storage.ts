import { hashToken, type SealedRow, Secret, type Vault } from '@latchwork/vault'
import { z } from 'zod'
import type { SessionStore } from './store/sessions.ts'

const sessionSchema = z.object({ session: z.object({ userId: z.string() }) })
const sealedSchema = z.object({ wrappedKey: z.string(), fields: z.record(z.string(), z.string()) })

/**
 * The storage of better-auth's sessions. It uses the session's token as the key and also writes the token into the
 * value. So the key is stored as its hash and the value sealed: the database alone opens no session.
 */
export function sealedSessionStorage(sessions: Pick<SessionStore, 'get' | 'set' | 'erase'>, vault: Vault) {
  const place = (keyHash: string) => ({ table: 'sessions', rowId: keyHash, version: 1 })
  return {
    get: async (key: string): Promise<string | null> => {
      const keyHash = hashToken(key)
      const stored = await sessions.get(keyHash)
      if (stored === null) return null
      const sealed: SealedRow = sealedSchema.parse(JSON.parse(stored))
      return (await vault.open(place(keyHash), sealed, 'value')).reveal()
    },
    set: async (key: string, value: string, ttlSeconds?: number): Promise<void> => {
      const keyHash = hashToken(key)
      const sealed = await vault.seal(place(keyHash), { value: new Secret(value) })
      const expiresAt = ttlSeconds === undefined ? null : Date.now() + ttlSeconds * 1000
      await sessions.set(keyHash, JSON.stringify(sealed), expiresAt, ownerOf(value))
    },
    delete: (key: string): Promise<void> => sessions.erase(hashToken(key)),
    // For features that are off: rate limits of better-auth, and links sent by email.
    getAndDelete: (): never => unused('getAndDelete'),
    increment: (): never => unused('increment'),
  }
}

/** The user of a session's value; null for everything else that better-auth stores. */
function ownerOf(value: string): string | null {
  try {
    return sessionSchema.parse(JSON.parse(value)).session.userId
  } catch {
    return null
  }
}

function unused(method: string): never {
  throw new Error(`better-auth called ${method} of the session storage, for a feature that is off`)
}
