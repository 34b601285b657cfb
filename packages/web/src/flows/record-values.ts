import { isNumeric, parseExactly } from '@latchwork/contract'

/** A value of a record as a person edits it: nested values as JSON, nothing as empty text. */
export function editableText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' || isNumeric(value) ? String(value) : JSON.stringify(value, null, 2)
}

/**
 * What was typed, as a value of the kind that was there before.
 * @returns undefined where a nested value is no JSON
 */
export function typedValue(text: string, before: unknown): unknown {
  if (text.trim() === '' && typeof before !== 'string') return null
  if (isNumeric(before)) {
    const number = json(text)
    return isNumeric(number) ? number : text
  }
  if (typeof before === 'boolean') return text.trim() === String(!before) ? !before : text
  // A browser's field of text has line feeds alone.
  if (typeof before === 'string' && before.includes('\r\n')) return text.replaceAll(/\r?\n/g, '\r\n')
  return typeof before !== 'object' || before === null ? text : json(text)
}

function json(text: string): unknown {
  try {
    return parseExactly(text)
  } catch {
    return undefined
  }
}
