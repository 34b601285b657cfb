import { z } from 'zod'

/** Largest length of a line typed into a form, a secret among them, in characters. */
export const maxValueLength = 8192

/** The length limit of an incoming text, in characters: only records that are edited may have longer ones. */
export const maxTextLength = 20_000
/** Largest lengths in a request, in characters: of texts, and of names of fields. */
export interface InputLimits {
  readonly text: number
  readonly name: number
}
export const inputLimits: InputLimits = { text: maxTextLength, name: 200 }
const maxDepth = 32
const maxEntries = 10_000

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this finds
const controlCharacters = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above, but line breaks and tabs are text
const controlCharactersButLines = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/
/** They turn the direction of what follows: a name with one can pass for another name. */
const directionOverrides = /[\u202a-\u202e\u2066-\u2069]/

/** White space, and characters that nobody sees and that a copied key may have picked up. */
export const spaceOrInvisible: RegExp = /[\s\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/

/** Whether a text may have several lines. */
export type TextForm = 'line' | 'lines'

/** Ends the sentence "Name ..."; null for a text that may come in. */
export function textFault(text: string, form: TextForm): string | null {
  const refused = form === 'line' ? controlCharacters : controlCharactersButLines
  if (refused.test(text)) return 'may not contain control characters'
  // Half a character would be stored as another one.
  return text.isWellFormed() ? null : 'may not contain broken characters'
}

/** As `textFault`, of a text that is shown beside others, which it may not turn round. */
export function directionFault(text: string): string | null {
  return directionOverrides.test(text) ? 'may not contain characters that turn the direction of text' : null
}

/** Whether a text has more than `max` characters, as a person counts them: one outside the first plane is one. */
export function isLongerThan(text: string, max: number): boolean {
  return text.length > max && [...text].length > max
}

/** A fault as a sentence: "API Key is required." One that is a sentence already stays as it is. */
export function faultSentence(label: string, fault: string): string {
  const sentence = /^\p{Ll}/u.test(fault) ? `${label} ${fault}` : fault
  return /[.?]$/.test(sentence) ? sentence : `${sentence}.`
}

/** A name sent by a client, fit to be shown: anything unusual about it is not repeated. */
export function shownName(name: string): string {
  return /^[\w.-]{1,64}$/.test(name) ? `"${name}"` : 'an unnamed one'
}

/** One text of a request that may not come in, or the whole of it. */
export interface InputFault {
  /** Names from the outside in; empty for the whole. */
  readonly path: readonly string[]
  readonly rule: 'text' | 'too_big'
  readonly message: string
}

/**
 * The rule for every request, before any schema: every text in it, names of fields included, has only characters
 * that may be stored and shown, and there is not too much of it.
 * @param form for values; a name never has lines
 * @param limits where they are not the usual ones
 * @returns at most 20 faults
 */
export function inputFaults(value: unknown, form: TextForm, limits = inputLimits): InputFault[] {
  const faults: InputFault[] = []
  let entries = 0
  const whole = (message: string): InputFault[] => [{ path: [], rule: 'too_big', message }]
  /** False where there is too much of it to go on. */
  const look = (part: unknown, path: readonly string[]): boolean => {
    if (typeof part === 'string') {
      const long = isLongerThan(part, limits.text) ? `may have at most ${limits.text} characters` : null
      const message = long ?? textFault(part, form)
      if (message !== null) faults.push({ path, rule: long === null ? 'text' : 'too_big', message })
      return true
    }
    if (typeof part !== 'object' || part === null) return true
    if (path.length >= maxDepth) return false
    for (const [name, inner] of Object.entries(part)) {
      entries += 1
      if (entries > maxEntries) return false
      if (name.length > limits.name || textFault(name, 'line') !== null) {
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

function cleanText(maxLength: number, form: TextForm): z.ZodString {
  return z
    .string()
    .trim()
    .max(maxLength, `may have at most ${maxLength} characters`)
    .superRefine((text, context) => {
      const message = textFault(text, form) ?? directionFault(text)
      if (message !== null) context.addIssue({ code: 'custom', message })
    })
}

export const nameSchema: z.ZodString = lineSchema(200).min(1, 'is required')
export const descriptionSchema: z.ZodString = textSchema(2000)

/** A time: ISO 8601 in UTC with milliseconds. */
export const timeSchema: z.ZodString = z.string().meta({ format: 'date-time' })

/** The form of a connector in a request. Which fields there are and what each may hold, `readFields` says. */
export const valuesSchema = z.record(
  z.string().max(64),
  z
    .string()
    .refine((text) => !isLongerThan(text, maxTextLength), `may have at most ${maxTextLength} characters`)
    .refine((text) => text.isWellFormed(), 'may not contain broken characters'),
)
