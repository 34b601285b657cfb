import type { Secret } from './secret.ts'

const mask = '[secret]'

/** What secrets look like, for text in which an unknown one may stand. */
const patterns: readonly RegExp[] = [
  /\bapi_[0-9A-Za-z]{10,}\.[0-9A-Za-z]{10,}/g,
  /\blw_[0-9A-Za-z_-]{20,}/g,
  /\blw-key-1:[0-9A-Za-z+/_=-]+/g,
  /\b(?:Basic|Bearer)\s+[0-9A-Za-z+/_=.~-]{8,}/gi,
  /\b(?:access_token|refresh_token|client_secret|code|state|password|token)=[^&\s"']+/gi,
  /(?<=:\/\/[^/\s:@]*:)[^/\s@]+(?=@)/g,
]

/** Takes out of a text whatever looks like a secret, and every given one in the forms that it travels in. */
export function redact(text: string, secrets: readonly Secret[] = []): string {
  let clean = text
  // The longest first: a secret may hold another.
  const forms = secrets.flatMap(formsOf).sort((a, b) => b.length - a.length)
  for (const form of forms) clean = clean.replaceAll(form, mask)
  for (const pattern of patterns) clean = clean.replace(pattern, mask)
  return clean
}

/** A secret raw, in a URL, in JSON, in base64, and as the user name of a Basic header. */
export function formsOf(secret: Secret): string[] {
  const raw = secret.reveal()
  if (raw.length < 4) return [] // too short to tell apart from other text
  const encoded = [raw, `${raw}:`].flatMap((text) => {
    const bytes = Buffer.from(text)
    return [
      bytes.toString('base64'),
      bytes.toString('base64url'),
      bytes.toString('base64').replace(/=+$/, ''),
    ]
  })
  const forms = [raw, encodeURIComponent(raw), JSON.stringify(raw).slice(1, -1), ...encoded]
  return [...new Set(forms)]
}
