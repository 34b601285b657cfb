import { maskSecrets } from '@latchwork/contract'
import type { Secret } from './secret.ts'

const mask = '[secret]'

/** The patterns of secrets, for text that may contain an unknown one. */
const patterns: readonly RegExp[] = [
  /\bapi_[0-9A-Za-z]{10,}\.[0-9A-Za-z]{10,}/g,
  /\blw_[0-9A-Za-z_-]{20,}/g,
  /\blw-key-1:[0-9A-Za-z+/_=-]+/g,
  /\b(?:Basic|Bearer)\s+[0-9A-Za-z+/_=.~-]{8,}/gi,
  /\b(?:access_token|refresh_token|client_secret|code|state|password|token)=[^&\s"']+/gi,
  /(?<=:\/\/[^/\s:@]*:)[^/\s@]+(?=@)/g,
]

/** Masks everything in a text that looks like a secret, and every given secret in all its forms. */
export function redact(text: string, secrets: readonly Secret[] = []): string {
  let clean = maskSecrets(
    text,
    secrets.map((secret) => secret.reveal()),
  )
  for (const pattern of patterns) clean = clean.replace(pattern, mask)
  return clean
}
