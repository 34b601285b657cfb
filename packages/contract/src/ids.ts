import { z } from 'zod'

/** Prefix of each kind of id. An id is the prefix and 22 base-62 characters (about 131 random bits). */
export const idPrefixes = {
  user: 'usr',
  token: 'tok',
  session: 'ses',
  passkey: 'pky',
  invitation: 'inv',
  credential: 'cred',
  source: 'src',
  destination: 'dst',
  flow: 'flow',
  pass: 'pass',
  call: 'call',
  write: 'wrt',
  run: 'run',
  file: 'file',
  job: 'job',
  alert: 'alrt',
} as const

export type IdKind = keyof typeof idPrefixes

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const idLength = 22

/** The one platform facility this package uses; present in Node and in browsers alike. */
declare const crypto: { getRandomValues(array: Uint8Array): Uint8Array }

/** A new random id, for example `cred_5hT0…`. */
export function newId(kind: IdKind): string {
  let text = ''
  while (text.length < idLength) {
    for (const byte of crypto.getRandomValues(new Uint8Array(32))) {
      // 248 is the largest multiple of 62 in a byte: larger values would favour the first letters.
      if (byte < 248 && text.length < idLength) text += alphabet[byte % 62]
    }
  }
  return `${idPrefixes[kind]}_${text}`
}

/** Schema of an id of one kind. */
export function idSchema(kind: IdKind): z.ZodString {
  return z.string().regex(new RegExp(`^${idPrefixes[kind]}_[0-9A-Za-z]{22}$`), `is not the id of a ${kind}`)
}
