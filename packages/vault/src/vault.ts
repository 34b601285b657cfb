import { randomBytes } from 'node:crypto'
import type { KeyProvider } from './key-provider.ts'
import { keyBytes, keyIdOf, openField, sealField, unreadable } from './sealing.ts'
import { Secret } from './secret.ts'

/** The row that secrets belong to, in one version of them. */
export interface Place {
  readonly table: string
  readonly rowId: string
  /** Grows with every change of a secret of the row. */
  readonly version: number
}

/** The stored form: the row's own data key, wrapped by the master key, and the sealed fields. Plain JSON. */
export interface SealedRow {
  readonly wrappedKey: string
  readonly fields: Readonly<Record<string, string>>
}

export type Secrets = Readonly<Record<string, Secret>>

export interface Vault {
  /** Fingerprint of the active master key. */
  readonly keyId: string
  seal(place: Place, secrets: Secrets): Promise<SealedRow>
  /** @throws LatchworkError `secret_unreadable` if the field isn't there or was altered, `master_key_missing` */
  open(place: Place, sealed: SealedRow, field: string): Promise<Secret>
  openAll(place: Place, sealed: SealedRow): Promise<Record<string, Secret>>
  /**
   * Reseals the row for a later version, with some fields changed (`null` removes a field) and the others unchanged. The data key is new as well.
   */
  reseal(
    from: Place,
    sealed: SealedRow,
    to: Place,
    changes: Readonly<Record<string, Secret | null>>,
  ): Promise<SealedRow>
  /** The master keys that a row needs. */
  keyIds(sealed: SealedRow): string[]
}

export function createVault(provider: KeyProvider): Vault {
  const seal: Vault['seal'] = async (place, secrets) => {
    const dataKey = randomBytes(keyBytes)
    const wrappedKey = await provider.wrap(dataKey)
    const keyId = keyIdOf(wrappedKey)
    const fields = Object.entries(secrets).map(([field, secret]) => [
      field,
      sealField(dataKey, keyId, { ...place, field }, secret.reveal()),
    ])
    return { wrappedKey, fields: Object.fromEntries(fields) }
  }

  const openAll: Vault['openAll'] = async (place, sealed) => {
    const dataKey = await provider.unwrap(sealed.wrappedKey)
    const opened = Object.entries(sealed.fields).map(([field, value]) => [
      field,
      new Secret(openField(dataKey, { ...place, field }, value)),
    ])
    return Object.fromEntries(opened)
  }

  return {
    get keyId() {
      return provider.activeKeyId
    },
    seal,
    openAll,
    open: async (place, sealed, field) => {
      const value = Object.hasOwn(sealed.fields, field) ? sealed.fields[field] : undefined
      if (value === undefined) throw unreadable()
      return new Secret(openField(await provider.unwrap(sealed.wrappedKey), { ...place, field }, value))
    },
    reseal: async (from, sealed, to, changes) => {
      const merged: Record<string, Secret | null> = { ...(await openAll(from, sealed)), ...changes }
      const remaining = Object.entries(merged).filter((entry): entry is [string, Secret] => entry[1] !== null)
      return seal(to, Object.fromEntries(remaining))
    },
    keyIds: (sealed) => [...new Set([sealed.wrappedKey, ...Object.values(sealed.fields)].map(keyIdOf))],
  }
}
