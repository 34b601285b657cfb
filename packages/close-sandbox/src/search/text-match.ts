import { invalid } from '../api/errors.ts'
import type { Json, JsonObject } from '../json.ts'

export type TextMode = 'full_words' | 'phrase'

/** @throws ApiError 400 for an unknown one */
export function textMode({ mode = 'full_words' }: JsonObject): TextMode {
  if (mode !== 'full_words' && mode !== 'phrase')
    throw invalid({ query: 'mode should be full_words or phrase.' })
  return mode
}

/** The words of a text, lower-case. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
}

/** `full_words`: every word of `wanted` is in `text`; `phrase`: the words are adjacent there. */
export function matchesText(text: string, wanted: string, mode: TextMode): boolean {
  const words = wordsOf(text)
  const wantedWords = wordsOf(wanted)
  if (wantedWords.length === 0) return false
  if (mode === 'full_words') {
    const present = new Set(words)
    return wantedWords.every((word) => present.has(word))
  }
  return ` ${words.join(' ')} `.includes(` ${wantedWords.join(' ')} `)
}

/** All the text in a value, however deep. */
export function textIn(value: Json): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(textIn).join(' ')
  if (typeof value === 'object' && value !== null) return Object.values(value).map(textIn).join(' ')
  return ''
}
