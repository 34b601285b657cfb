import { createCipheriv, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import type { Secret } from '@latchwork/vault'
import { type Recipient, Stanza } from 'age-encryption'

const label = 'age-encryption.org/v1/scrypt'
/** Binary logarithm of scrypt's cost, as in the age command: about one second and 256 MiB. */
const logCost = 18
const blockSize = 8
const memoryBytes = 2 * 128 * 2 ** logCost * blockSize

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt)

/**
 * Encrypts for a passphrase. The age library can do this too, but it blocks the whole process for seconds.
 * @see https://age-encryption.org/v1 "The scrypt recipient type"
 */
export function passphraseRecipient(passphrase: Secret): Recipient {
  return {
    wrapFileKey: async (fileKey) => {
      const salt = randomBytes(16)
      const labelled = Buffer.concat([Buffer.from(label), salt])
      const cost = { N: 2 ** logCost, r: blockSize, p: 1, maxmem: memoryBytes }
      const key = await derive(passphrase.reveal(), labelled, 32, cost)
      // The key is used only once, so the nonce may be zero.
      const cipher = createCipheriv('chacha20-poly1305', key, Buffer.alloc(12), { authTagLength: 16 })
      const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()])
      const saltText = salt.toString('base64').replaceAll('=', '')
      return [new Stanza(['scrypt', saltText, String(logCost)], body)]
    },
  }
}
