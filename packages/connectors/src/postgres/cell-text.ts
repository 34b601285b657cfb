import type { ColumnType } from './column-types.ts'

const noText = '\ufffd'

/** Text that PostgreSQL takes: it has no NUL and no half of a character. Those become U+FFFD, the replacement character. */
export function wholeText(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', noText).toWellFormed() : text.toWellFormed()
}

/** Escapes in JSON that `jsonb` refuses; any other escape is matched so that `\\u0000` is not taken for one. */
const escapes = /\\(?:u0000|u[dD][89a-fA-F][\da-fA-F]{2}|.)/g

/** As `wholeText` for JSON as `JSON.stringify` writes it, which escapes halves of characters. */
function wholeJson(json: string): string {
  return json.replaceAll(escapes, (found) =>
    found.length === 6 && /^\\u(?:0000|d)/i.test(found) ? noText : found,
  )
}

export interface CellText {
  /** Null: nothing stands there. */
  readonly text: string | null
  /** Characters were replaced. */
  readonly replaced: boolean
}

const nothing: CellText = { text: null, replaced: false }

/**
 * A value as text that the server reads by the type of its column.
 * @param isJson the dataset's column holds JSON
 */
export function cellText(value: unknown, kind: ColumnType['kind'], isJson: boolean): CellText {
  if (value === null || value === undefined) return nothing
  // What is empty in a file is no number and no date; only text can be empty.
  if (value === '' && kind !== 'text' && kind !== 'json' && kind !== 'other') return nothing
  const asJson = kind === 'json' ? isJson || typeof value !== 'string' || !isJsonText(value) : isNested(value)
  if (asJson || (isJson && kind === 'other')) {
    const json = JSON.stringify(value) ?? 'null'
    const text = wholeJson(json)
    return { text, replaced: text !== json }
  }
  const before = String(value)
  const text = kind === 'json' ? wholeJson(wholeText(before)) : wholeText(before)
  return { text, replaced: text !== before }
}

function isNested(value: unknown): boolean {
  return typeof value === 'object'
}

/** Text of a file may be JSON already. */
function isJsonText(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
