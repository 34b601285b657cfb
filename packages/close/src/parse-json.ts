import type { AnswerLimits } from './limits.ts'

/** What somebody else wrote is made of more values than are taken. */
export class TooManyValues extends SyntaxError {}

/**
 * Parses JSON from outside.
 * @throws SyntaxError if the text is not JSON, is nested too deep, or has too many values. It has none of the text.
 */
export function parseJson(text: string, limits: Pick<AnswerLimits, 'depth' | 'values'>): unknown {
  // A shorter text has no room for so many.
  if (text.length > limits.values) refuseValues(text, limits.values)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new SyntaxError('is not valid JSON')
  }
  refuseDepth(value, limits.depth)
  return value
}

/** Counts the punctuation between strings before the text is parsed. */
function refuseValues(text: string, most: number): void {
  let values = 0
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfText(text, at)
        break
      case 0x5b: // [
      case 0x7b: // {
      case 0x2c: // ,
        values += 1
        break
    }
    if (values > most) throw new TooManyValues(`has more than ${most} values`)
  }
}

/** Level by level, since a text may be nested deeper than the stack is. */
function refuseDepth(value: unknown, most: number): void {
  let level = [value].filter(isNested)
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > most) throw new SyntaxError(`is nested deeper than ${most} levels`)
    const next: object[] = []
    for (const each of level) {
      for (const inner of Array.isArray(each) ? each : Object.values(each))
        if (isNested(inner)) next.push(inner)
    }
    level = next
  }
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** The end of the string that begins here; the end of the whole text if it has none. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text[end - 1 - slashes] === '\\') slashes += 1
    if (slashes % 2 === 0) return end
  }
  return text.length
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
