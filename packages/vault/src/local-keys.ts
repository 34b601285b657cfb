import { createHash, randomBytes } from 'node:crypto'
import { LatchworkError } from '@latchwork/contract'
import type { KeyProvider } from './key-provider.ts'
import { type FieldPlace, keyBytes, keyIdOf, openField, sealField } from './sealing.ts'

const linePrefix = 'lw-key-1:'

/** A data key is sealed like a field, in a place of its own that no row can have. */
const wrapPlace: FieldPlace = { table: 'latchwork:data-key', rowId: '', field: '', version: 1 }

/** Short, stable and safe to show: 8 bytes of a hash with a domain of its own. */
export function fingerprint(key: Buffer): string {
  return createHash('sha256')
    .update('latchwork master key fingerprint\n')
    .update(key)
    .digest('hex')
    .slice(0, 16)
}

/** A line for a key file or for `LATCHWORK_MASTER_KEY`. */
export function newKeyLine(): string {
  return linePrefix + randomBytes(keyBytes).toString('base64url')
}

/**
 * Keys from text: a line each, `lw-key-1:<base64url>`, or 32 bytes bare in base64, base64url or hex. The first is
 * active, the others only open what they once sealed.
 * @throws LatchworkError `master_key_missing` if there is none or one isn't a key; the text is never repeated
 */
export function parseKeys(text: string, description: string): Buffer[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const keys = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => parseKey(line, description))
  if (keys.length === 0) throw missing(`There is no master key in ${description}.`)
  return keys
}

export function parseKey(line: string, description: string): Buffer {
  const text = line.startsWith(linePrefix) ? line.slice(linePrefix.length) : line
  const isHex = /^[0-9a-fA-F]{64}$/.test(text)
  const isBase64 = /^[0-9A-Za-z+/_-]{43}=?$/.test(text)
  if (!isHex && !isBase64) {
    throw missing(
      `${description} holds something that isn't a key of 32 bytes (in base64, or after "${linePrefix}").`,
    )
  }
  return Buffer.from(text, isHex ? 'hex' : 'base64')
}

/** A provider that holds its keys in memory. The first key is active. */
export function createLocalProvider(keys: readonly Buffer[], description: string): KeyProvider {
  const [active] = keys
  if (active === undefined) throw missing(`There is no master key in ${description}.`)
  const byId = new Map(keys.map((key) => [fingerprint(key), key]))
  const activeKeyId = fingerprint(active)
  return {
    activeKeyId,
    keyIds: [...byId.keys()],
    description,
    wrap: async (dataKey) => sealField(active, activeKeyId, wrapPlace, dataKey.toString('base64url')),
    unwrap: async (wrapped) => {
      const keyId = keyIdOf(wrapped)
      const key = byId.get(keyId)
      if (key === undefined) {
        throw missing(`A secret was sealed under the master key ${keyId}, which ${description} doesn't hold.`)
      }
      return Buffer.from(openField(key, wrapPlace, wrapped), 'base64url')
    },
  }
}

function missing(message: string): LatchworkError {
  return new LatchworkError('master_key_missing', { message })
}
