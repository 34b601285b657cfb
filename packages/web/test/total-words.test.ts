import { expect, it } from 'vitest'
import { totalWords } from '../src/ui/number-words.ts'

it.each([
  [{ total: 0 }, '0 credentials'],
  [{ total: 1 }, '1 credential'],
  [{ total: 1234 }, '1,234 credentials'],
  [{ total: 1000, totalCapped: true }, '1,000+ credentials'],
])('says %o as "%s"', (page, words) => {
  expect(totalWords(page, 'credential')).toBe(words)
})
