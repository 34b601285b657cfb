import { longestForm, maskSecrets } from './secret-forms.ts'

/** Longest texts of another system that are shown, logged or stored, in characters. */
export const outsideLimits = {
  /** A sentence: why something failed, what goes on. */
  message: 500,
  /** A name: of an organization, a user, a column. */
  name: 200,
  /** What tells one account, column or record from another. It is never cut: a longer one is refused. */
  id: 255,
  /** Permissions of an account. */
  permissions: 200,
  /** Columns of a dataset. */
  columns: 2000,
  /** A column's name, which records are read by. It is never cut either; surveys have questions for names. */
  columnName: 500,
  /** Streams that a source offers. */
  streams: 1000,
  /** Choices of one parameter: an account's people may be many. */
  options: 5000,
} as const

export interface OutsideTextRule {
  /** In characters; what is longer ends in "…". */
  readonly max: number
  /** The secrets that were sent to the system that the text comes from. */
  readonly secrets?: readonly string[]
  /** Texts that stay although a secret contains them or is contained in them. */
  readonly shown?: readonly string[]
  /** Line breaks and tabs stay. */
  readonly lines?: boolean
}

/** Control characters, those that turn the direction of writing, and others that nobody sees. */
const unprintable =
  /[\p{Cc}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e0fff}]/gu
const searched = 8_000

/**
 * Makes a text that another system said fit to be shown, logged or stored: secrets that were sent to it are masked,
 * characters that hide or rearrange text become spaces, and the rest is cut.
 */
export function outsideText(
  text: string,
  { max, secrets = [], shown = [], lines = false }: OutsideTextRule,
): string {
  // A secret that begins within what is looked at is seen to its end, so that no half of one is left.
  const looked = Math.max(searched, max)
  const masked =
    looked >= text.length ? maskSecrets(text, secrets, shown) : maskBegin(text, looked, secrets, shown)
  const clean = masked
    .toWellFormed()
    .replace(unprintable, (character) => (lines && /[\n\r\t]/.test(character) ? character : ' '))
  if (clean.length <= max && looked >= text.length) return clean
  return `${clean
    .slice(0, max - 1)
    .toWellFormed()
    .replace(/\ufffd$/, '')}…`
}

function maskBegin(
  text: string,
  looked: number,
  secrets: readonly string[],
  shown: readonly string[],
): string {
  const longest = longestForm(secrets)
  const end = looked + longest
  const masked = maskSecrets(text.slice(0, end), secrets, shown)
  return masked.slice(0, Math.max(0, masked.length - longest))
}
