/** Shorter secrets can't be told apart from other text. */
const shortestSecret = 4
/** Shorter pieces of base64 would be found by chance. */
const shortestPiece = 6
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const mask = '[secret]'

/** A secret raw, in a URL, in JSON, in base64, and as the user name of a Basic header. */
export function secretForms(secret: string): string[] {
  if (secret.length < shortestSecret) return []
  const inBase64 = [secret, `${secret}:`].flatMap((text) => {
    const padded = base64(bytesOf(text))
    const bare = padded.replace(/=+$/, '')
    return [padded, bare, urlSafe(bare)]
  })
  return [...new Set([secret, inUrl(secret), JSON.stringify(secret).slice(1, -1), ...inBase64])]
}

/**
 * `secretForms`, and the forms in which another system may write it back: in a form of HTML, in hex, and what stands in
 * base64 of a text that holds it anywhere (`user:password`).
 */
function echoedForms(secret: string): string[] {
  if (secret.length < shortestSecret) return []
  const bytes = bytesOf(secret)
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const pieces = [0, 1, 2].flatMap((before) => {
    const text = base64([...Array<number>(before).fill(0), ...bytes]).replace(/=+$/, '')
    // The first digits hold bits of what stands before, the last one of what stands after.
    const end = ((before + bytes.length) * 8) % 6 === 0 ? text.length : text.length - 1
    const piece = text.slice(Math.ceil((before * 8) / 6), end)
    return piece.length < shortestPiece ? [] : [piece, urlSafe(piece)]
  })
  const lower = inUrl(secret).replaceAll(/%../g, (code) => code.toLowerCase())
  const entities = escapeMarkup(secret)
  return [
    ...new Set([
      ...secretForms(secret),
      lower,
      inUrl(secret).replaceAll('%20', '+'),
      entities,
      hex,
      hex.toUpperCase(),
      ...pieces,
    ]),
  ]
}

interface Span {
  readonly start: number
  readonly end: number
}

/**
 * Replaces secrets by `[secret]` wherever they stand in a text, in every form that they are written back in.
 * @param shown texts that are no secret: what stands within one of them stays, so that a database named like its
 *   password keeps its name
 */
export function maskSecrets(text: string, secrets: readonly string[], shown: readonly string[] = []): string {
  const found = formsOf(secrets).flatMap((form) => spansOf(text, form))
  if (found.length === 0) return text
  const open = shown.flatMap((value) => spansOf(text, value))
  const hidden = found
    .filter((span) => !open.some(({ start, end }) => start <= span.start && span.end <= end))
    .sort((a, b) => a.start - b.start || b.end - a.end)
  let clean = ''
  let at = 0
  for (const { start, end } of hidden) {
    if (start >= at) clean += `${text.slice(at, start)}${mask}`
    at = Math.max(at, end)
  }
  return clean + text.slice(at)
}

/** Length of the longest form of these secrets, in characters. */
export function longestForm(secrets: readonly string[]): number {
  return Math.max(0, ...formsOf(secrets).map((form) => form.length))
}

/** By the list that they belong to: a page of records is searched for the same ones, text by text. */
const known = new WeakMap<readonly string[], readonly string[]>()

function formsOf(secrets: readonly string[]): readonly string[] {
  const forms = known.get(secrets) ?? [...new Set([...new Set(secrets)].flatMap(echoedForms))]
  known.set(secrets, forms)
  return forms
}

function spansOf(text: string, form: string): Span[] {
  const spans: Span[] = []
  if (form === '') return spans
  for (let start = text.indexOf(form); start !== -1; start = text.indexOf(form, start + 1)) {
    spans.push({ start, end: start + form.length })
  }
  return spans
}

function inUrl(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

function escapeMarkup(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replaceAll(/[&<>"']/g, (character) => names[character] ?? character)
}

function urlSafe(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_')
}

/** UTF-8, without the types of Node or of a browser. */
function bytesOf(text: string): number[] {
  return [...inUrl(text).matchAll(/%(..)|./g)].map(([character, code]) =>
    code === undefined ? character.charCodeAt(0) : Number.parseInt(code, 16),
  )
}

function base64(bytes: readonly number[]): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second = 0, third = 0] = bytes.slice(at, at + 3)
    const group = (first << 16) | (second << 8) | third
    const count = Math.min(3, bytes.length - at) + 1
    for (let place = 0; place < 4; place += 1) {
      text += place < count ? digits[(group >> (18 - 6 * place)) & 63] : '='
    }
  }
  return text
}
