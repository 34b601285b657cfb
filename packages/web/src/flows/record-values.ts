/** A value of a record as a person edits it: nested values as JSON, nothing as empty text. */
export function editableText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}

/** What is too long was cut to be shown, so it can't be edited here. */
export function isCut(value: unknown): boolean {
  return typeof value === 'string' && /… \(\d+ characters\)$/.test(value)
}

/**
 * What was typed, as a value of the kind that was there before.
 * @returns undefined where a nested value is no JSON
 */
export function typedValue(text: string, before: unknown): unknown {
  if (text.trim() === '' && typeof before !== 'string') return null
  if (typeof before === 'number') {
    const number = Number(text)
    return Number.isFinite(number) ? number : text
  }
  if (typeof before === 'boolean') return text.trim() === String(!before) ? !before : text
  if (typeof before !== 'object' || before === null) return text
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
