import { expect, it } from 'vitest'
import { clientWords } from '../../src/identity/client-words.ts'

const like = 'AppleWebKit/537.36 (KHTML, like Gecko)'

it.each([
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Windows'],
  [`Mozilla/5.0 (X11; Linux x86_64) ${like} Chrome/140.0.0.0 Safari/537.36`, 'Chrome on Linux'],
  [`Mozilla/5.0 (Windows NT 10.0) ${like} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`, 'Edge on Windows'],
  [`Mozilla/5.0 (Linux; Android 16) ${like} Chrome/140.0 Mobile Safari/537.36`, 'Chrome on Android'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/19 Safari/605',
    'Safari on macOS',
  ],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19 Mobile Safari/604', 'Safari on iPhone'],
  ['Mozilla/5.0 (Plan9)', null],
  ['curl/8.9.1', 'curl'],
  ['', null],
  [undefined, null],
  ['\u001b[31mred', null],
])('says %j in words: %j', (header, words) => {
  expect(clientWords(header)).toBe(words)
})

it('is short, whatever was sent', () => {
  expect(clientWords('x'.repeat(100_000))).toHaveLength(40)
  expect(clientWords(`Mozilla/5.0 ${'y'.repeat(100_000)} Firefox/140`)).toBeNull()
})
