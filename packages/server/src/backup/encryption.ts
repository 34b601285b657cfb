import { Readable } from 'node:stream'
import { invalidField, LatchworkError } from '@latchwork/contract'
import { ExposedFileError, readPrivateFile, Secret } from '@latchwork/vault'
import { Decrypter, Encrypter } from 'age-encryption'
import { passphraseRecipient } from './passphrase.ts'

/** Encrypts a backup: public keys (`age1…`), or a passphrase. */
export type Locks = { readonly recipients: readonly string[] } | { readonly passphrase: Secret }
/** Opens a backup: private keys (`AGE-SECRET-KEY-1…`), or the passphrase. */
export type Openers = { readonly identities: readonly Secret[] } | { readonly passphrase: Secret }

/**
 * Encrypts a stream as it flows, in the age format.
 * @throws {LatchworkError} `invalid_input` for an invalid recipient
 * @see https://age-encryption.org/v1
 */
export async function encrypt(plain: Readable, locks: Locks): Promise<Readable> {
  const encrypter = new Encrypter()
  if ('passphrase' in locks) encrypter.addRecipient(passphraseRecipient(locks.passphrase))
  else {
    for (const recipient of locks.recipients) {
      try {
        encrypter.addRecipient(recipient)
      } catch {
        throw invalidField(
          'recipients',
          'age',
          `The recipient ${recipient} is not a public key of age (age1…).`,
        )
      }
    }
  }
  return Readable.fromWeb(await encrypter.encrypt(Readable.toWeb(plain)))
}

/**
 * Decrypts a stream as it flows. Output from before a failure must not be used.
 * @throws {LatchworkError} `backup_unreadable` for another key or an altered head; `invalid_input` for an invalid
 * identity
 */
export async function decrypt(sealed: Readable, openers: Openers): Promise<Readable> {
  const decrypter = new Decrypter()
  if ('passphrase' in openers) decrypter.addPassphrase(openers.passphrase.reveal())
  else {
    for (const identity of openers.identities) {
      try {
        decrypter.addIdentity(identity.reveal())
      } catch {
        throw invalidField(
          'identity',
          'age',
          'The identity file holds something that is not a private key of age.',
        )
      }
    }
  }
  try {
    return Readable.fromWeb(await decrypter.decrypt(Readable.toWeb(sealed)))
  } catch (cause) {
    throw new LatchworkError('backup_unreadable', { cause })
  }
}

/** Reads a passphrase from the first line of a file. @throws {LatchworkError} `invalid_input` */
export function readPassphrase(path: string): Secret {
  const line = readText(path, 'passphrase-file').split(/\r?\n/)[0] ?? ''
  if (line.length < 8) {
    throw invalidField('passphrase-file', 'length', `The passphrase in ${path} is shorter than 8 characters.`)
  }
  return new Secret(line)
}

/** Reads the private keys from an identity file of age. @throws {LatchworkError} `invalid_input` */
export function readIdentities(path: string): Secret[] {
  const lines = readText(path, 'identity-file')
    .split(/\r?\n/)
    .map((line) => line.trim())
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (identities.length === 0) throw invalidField('identity-file', 'empty', `There is no key in ${path}.`)
  return identities.map((line) => new Secret(line))
}

function readText(path: string, field: string): string {
  try {
    return readPrivateFile(path)
  } catch (error) {
    if (error instanceof ExposedFileError)
      throw invalidField(field, 'file', `The file ${path} ${error.message}`)
    throw invalidField(field, 'file', `The file ${path} can't be read.`)
  }
}
