import { z } from 'zod'

/** Largest length of a secret or other value typed into a form, in characters. */
export const maxValueLength = 8192

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this finds
const controlCharacters = /[\u0000-\u001f\u007f-\u009f]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above, but line breaks and tabs are text
const controlCharactersButLines = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/

/** A line of text that a person typed: trimmed, without control characters. */
export function lineSchema(maxLength: number): z.ZodString {
  return cleanText(maxLength, controlCharacters)
}

/** Text of several lines, otherwise as `lineSchema`. */
export function textSchema(maxLength: number): z.ZodString {
  return cleanText(maxLength, controlCharactersButLines)
}

function cleanText(maxLength: number, refused: RegExp): z.ZodString {
  return (
    z
      .string()
      .trim()
      .max(maxLength, `may have at most ${maxLength} characters`)
      .refine((text) => !refused.test(text), 'may not contain control characters')
      // Half a character would be stored as another one.
      .refine((text) => text.isWellFormed(), 'may not contain broken characters')
  )
}

export const nameSchema: z.ZodString = lineSchema(200).min(1, 'is required')
export const descriptionSchema: z.ZodString = textSchema(2000)

/** A time: ISO 8601 in UTC with milliseconds. */
export const timeSchema: z.ZodString = z.string()
