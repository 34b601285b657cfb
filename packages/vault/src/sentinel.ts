import { randomBytes } from 'node:crypto'
import { LatchworkError } from '@latchwork/contract'
import type { KeyProvider } from './key-provider.ts'
import { type FieldPlace, keyBytes, keyIdOf, openField, sealField } from './sealing.ts'

const place: FieldPlace = { table: 'latchwork:sentinel', rowId: '', field: '', version: 1 }
const words = 'the master key fits'

/** A value to keep in the database, by which a later start knows whether it was given the right master key. */
export async function makeSentinel(provider: KeyProvider): Promise<string> {
  const dataKey = randomBytes(keyBytes)
  return `${await provider.wrap(dataKey)} ${sealField(dataKey, provider.activeKeyId, place, words)}`
}

/**
 * @throws LatchworkError `master_key_wrong`, naming the fingerprint needed and the one given
 */
export async function verifySentinel(provider: KeyProvider, stored: string): Promise<void> {
  const [wrapped = '', sealed = ''] = stored.split(' ')
  try {
    if (openField(await provider.unwrap(wrapped), place, sealed) === words) return
  } catch (error) {
    // A key service that doesn't answer says nothing about the key.
    if (!(error instanceof LatchworkError) || error.code === 'kms_unavailable') throw error
  }
  throw new LatchworkError('master_key_wrong', {
    message: `This database needs the master key ${neededKey(wrapped)}, but ${provider.description} holds ${provider.keyIds.join(', ')}. Start with the right key.`,
  })
}

function neededKey(wrapped: string): string {
  try {
    return keyIdOf(wrapped)
  } catch {
    return '(its note of the key is damaged)'
  }
}
