import type { AnswerLimits } from './limits.ts'

/** What somebody else wrote is made of more values than are taken. */
export class TooManyValues extends SyntaxError {}

/**
 * Parses JSON from outside.
 * @throws SyntaxError if the text is not JSON, is nested too deep, or has too many values. It has none of the text.
 */
export function parseJson(text: string, limits: Pick<AnswerLimits, 'depth' | 'values'>): unknown {
  refuseStructure(text, limits)
  try {
    return JSON.parse(text)
  } catch {
    throw new SyntaxError('is not valid JSON')
  }
}

/** Checks the punctuation between strings before the text is parsed. */
function refuseStructure(text: string, limits: Pick<AnswerLimits, 'depth' | 'values'>): void {
  let depth = 0
  let values = 0
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfText(text, at)
        break
      case 0x5b: // [
      case 0x7b: // {
        depth += 1
        values += 1
        if (depth > limits.depth) throw new SyntaxError(`is nested deeper than ${limits.depth} levels`)
        break
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1
        break
      case 0x2c: // ,
        values += 1
        break
    }
    if (values > limits.values) throw new TooManyValues(`has more than ${limits.values} values`)
  }
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
