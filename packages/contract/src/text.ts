import { z } from 'zod'

/** Largest length of a secret or other value typed into a form, in characters. */
export const maxValueLength = 8192

/** What any text that comes in may hold at most, in characters: nothing in the contract allows more. */
const maxTextLength = 20_000
const maxNameLength = 200
const maxDepth = 32
const maxEntries = 10_000

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this finds
const controlCharacters = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above, but line breaks and tabs are text
const controlCharactersButLines = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/
/** They turn the direction of what follows: a name with one can pass for another name. */
const directionOverrides = /[\u202a-\u202e\u2066-\u2069]/

/** Whether a text may have several lines. */
export type TextForm = 'line' | 'lines'

/** Ends the sentence "Name ..."; null for a text that may come in. */
export function textFault(text: string, form: TextForm): string | null {
  const refused = form === 'line' ? controlCharacters : controlCharactersButLines
  if (refused.test(text)) return 'may not contain control characters'
  // Half a character would be stored as another one.
  return text.isWellFormed() ? null : 'may not contain broken characters'
}

/** One text of a request that may not come in, or the whole of it. */
export interface InputFault {
  /** Names from the outside in; empty for the whole. */
  readonly path: readonly string[]
  readonly rule: 'text' | 'too_big'
  readonly message: string
}

/**
 * The rule for all that comes in, before any schema: every text in it, names of fields included, has only characters
 * that may be stored and shown, and there is not too much of it.
 * @param form for values; a name never has lines
 * @returns at most 20 faults
 */
export function inputFaults(value: unknown, form: TextForm): InputFault[] {
  const faults: InputFault[] = []
  let entries = 0
  const whole = (message: string): InputFault[] => [{ path: [], rule: 'too_big', message }]
  /** False where there is too much of it to go on. */
  const look = (part: unknown, path: readonly string[]): boolean => {
    if (typeof part === 'string') {
      const long = part.length > maxTextLength ? `may have at most ${maxTextLength} characters` : null
      const message = long ?? textFault(part, form)
      if (message !== null) faults.push({ path, rule: long === null ? 'text' : 'too_big', message })
      return true
    }
    if (typeof part !== 'object' || part === null) return true
    if (path.length >= maxDepth) return false
    for (const [name, inner] of Object.entries(part)) {
      entries += 1
      if (entries > maxEntries) return false
      if (name.length > maxNameLength || textFault(name, 'line') !== null) {
        faults.push({ path, rule: 'text', message: 'has a name that is too long or not allowed' })
      } else if (!look(inner, [...path, name])) return false
    }
    return true
  }
  if (!look(value, [])) {
    return whole(`may have at most ${maxEntries} entries, and ${maxDepth} of them in one another`)
  }
  return faults.slice(0, 20)
}

/** A line of text that a person typed: trimmed, without control characters. */
export function lineSchema(maxLength: number): z.ZodString {
  return cleanText(maxLength, 'line')
}

/** Text of several lines, otherwise as `lineSchema`. */
export function textSchema(maxLength: number): z.ZodString {
  return cleanText(maxLength, 'lines')
}

/** Both are shown beside other texts, which they may not turn round. */
function cleanText(maxLength: number, form: TextForm): z.ZodString {
  return z
    .string()
    .trim()
    .max(maxLength, `may have at most ${maxLength} characters`)
    .superRefine((text, context) => {
      const message =
        textFault(text, form) ??
        (directionOverrides.test(text) ? 'may not contain characters that turn the direction of text' : null)
      if (message !== null) context.addIssue({ code: 'custom', message })
    })
}

export const nameSchema: z.ZodString = lineSchema(200).min(1, 'is required')
export const descriptionSchema: z.ZodString = textSchema(2000)

/** A time: ISO 8601 in UTC with milliseconds. */
export const timeSchema: z.ZodString = z.string().meta({ format: 'date-time' })
