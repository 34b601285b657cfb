import { randomBytes } from 'node:crypto'
import { fingerprint } from './local-keys.ts'
import { type FieldPlace, keyBytes, openField, sealField } from './sealing.ts'
import { Secret } from './secret.ts'
import type { Place, SealedRow, Vault } from './vault.ts'

/**
 * Seals many values under one key. The key is a sealed field of a row of its own, so a rotation of the master key reseals that row only and leaves the values alone: they carry the fingerprint of this key, not of the master key.
 */
export interface ManyKey {
  seal(place: FieldPlace, text: string): string
  /** @throws LatchworkError `secret_unreadable` if it was altered or sealed for another place */
  open(place: FieldPlace, sealed: string): string
}

const field = 'key'

/** @param place the row in which `sealed` is kept; without it nothing opens what the key sealed */
export async function newManyKey(vault: Vault, place: Place): Promise<{ key: ManyKey; sealed: SealedRow }> {
  const bytes = randomBytes(keyBytes)
  const sealed = await vault.seal(place, { [field]: new Secret(bytes.toString('base64url')) })
  return { key: manyKey(bytes), sealed }
}

/** @throws LatchworkError `secret_unreadable`, `master_key_missing`, `kms_unavailable` */
export async function openManyKey(vault: Vault, place: Place, sealed: SealedRow): Promise<ManyKey> {
  const text = (await vault.open(place, sealed, field)).reveal()
  return manyKey(Buffer.from(text, 'base64url'))
}

function manyKey(bytes: Buffer): ManyKey {
  const keyId = fingerprint(bytes)
  return {
    seal: (place, text) => sealField(bytes, keyId, place, text),
    open: (place, sealed) => openField(bytes, place, sealed),
  }
}
