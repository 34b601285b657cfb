import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { LatchworkError } from '@latchwork/contract'

const version = 'lw1'
const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16
export const keyBytes = 32

/** Where a sealed value belongs. It opens nowhere else. */
export interface FieldPlace {
  readonly table: string
  readonly rowId: string
  readonly field: string
  /** The secret version of the row. */
  readonly version: number
}

/** A JSON array keeps `("a","bc")` apart from `("ab","c")`. */
function additionalData(place: FieldPlace): Buffer {
  return Buffer.from(JSON.stringify([version, place.table, place.rowId, place.field, place.version]))
}

/**
 * Seals one field: `lw1.<key id>.<nonce>.<ciphertext and tag>`, the last two in base64url.
 * @param key 32 bytes
 * @param keyId the master key that wraps `key`
 * @see NIST SP 800-38D section 8.2.2 (random 96-bit nonces)
 */
export function sealField(key: Buffer, keyId: string, place: FieldPlace, plaintext: string): string {
  const nonce = randomBytes(nonceBytes)
  // Bytes in place of a key object take Node five times as long.
  const cipher = createCipheriv(algorithm, createSecretKey(key), nonce, { authTagLength: tagBytes })
  cipher.setAAD(additionalData(place))
  const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return [version, keyId, nonce.toString('base64url'), sealed.toString('base64url')].join('.')
}

/**
 * Opens what `sealField` made for the same place.
 * @throws LatchworkError `secret_unreadable` if anything about it was altered, or the key or the place is another
 */
export function openField(key: Buffer, place: FieldPlace, sealed: string): string {
  const { nonce, body } = parseSealed(sealed)
  try {
    const decipher = createDecipheriv(algorithm, createSecretKey(key), nonce, { authTagLength: tagBytes })
    decipher.setAAD(additionalData(place))
    decipher.setAuthTag(body.subarray(body.length - tagBytes))
    return Buffer.concat([
      decipher.update(body.subarray(0, body.length - tagBytes)),
      decipher.final(),
    ]).toString()
  } catch {
    // The reason is not passed on: it would tell nothing but which check failed first.
    throw unreadable()
  }
}

/** The master key's id inside a sealed value or a wrapped data key. */
export function keyIdOf(sealed: string): string {
  const byService = /^lwk\.([0-9a-f]{16})\.[\w-]+$/.exec(sealed)?.[1]
  if (byService !== undefined) return byService
  return parseSealed(sealed).keyId
}

function parseSealed(sealed: string): { keyId: string; nonce: Buffer; body: Buffer } {
  const [name, keyId, nonceText, bodyText, ...rest] = sealed.split('.')
  if (name !== version || !keyId || nonceText === undefined || bodyText === undefined || rest.length > 0)
    throw unreadable()
  const nonce = decode(nonceText)
  const body = decode(bodyText)
  if (nonce.length !== nonceBytes || body.length < tagBytes) throw unreadable()
  return { keyId, nonce, body }
}

/** Node skips characters outside the alphabet; a value that does not encode back to itself was altered. */
function decode(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text) throw unreadable()
  return bytes
}

export function unreadable(): LatchworkError {
  return new LatchworkError('secret_unreadable')
}
