import type { Json } from '../json.ts'

export type TextMode = 'full_words' | 'phrase'

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
