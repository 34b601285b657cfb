import { describe, expect, it } from 'vitest'
import { pathWithin } from '../src/session/path-within.ts'
import { splitGuideText } from '../src/ui/guide-text.ts'
import { relativeTime } from '../src/ui/time-words.ts'

describe('splitGuideText', () => {
  it('finds code and strong words', () => {
    expect(splitGuideText('Go to **Settings** at `app.close.com`.')).toEqual([
      { kind: 'plain', text: 'Go to ' },
      { kind: 'strong', text: 'Settings' },
      { kind: 'plain', text: ' at ' },
      { kind: 'code', text: 'app.close.com' },
      { kind: 'plain', text: '.' },
    ])
  })

  it('leaves unclosed marks and markup as they are', () => {
    expect(splitGuideText('**open `and <b>bold</b>')).toEqual([
      { kind: 'plain', text: '**open `and <b>bold</b>' },
    ])
  })
})

describe('relativeTime', () => {
  const nowMs = Date.parse('2026-03-01T12:00:00Z')
  it.each([
    [0, 'just now'],
    [-59_000, 'just now'],
    [-60_000, '1 minute ago'],
    [-7_200_000, '2 hours ago'],
    [-86_400_000, 'yesterday'],
    [6_000, 'just now'],
    [299_000, 'just now'],
    [3_540_000, 'in 59 minutes'],
  ])('what is over, %d ms from now by the browser’s clock, was "%s"', (offsetMs, words) => {
    expect(relativeTime(nowMs + offsetMs, nowMs)).toBe(words)
  })

  it.each([
    [30_000, 'in less than a minute'],
    [240_000, 'in 4 minutes'],
    [3_540_000, 'in 59 minutes'],
    [-60_000, '1 minute ago'],
  ])('what is to come, %d ms from now, is "%s"', (offsetMs, words) => {
    expect(relativeTime(nowMs + offsetMs, nowMs, true)).toBe(words)
  })
})

describe('pathWithin', () => {
  it('keeps a path of this site with its query', () => {
    expect(pathWithin('/credentials?status=failed#top')).toBe('/credentials?status=failed#top')
  })

  it.each([
    undefined,
    '',
    'https://elsewhere.example/',
    '//elsewhere.example',
    '/\\elsewhere.example',
    '/\t/elsewhere.example',
    'javascript:alert(1)',
    '/sign-in?next=/sign-in',
    '/..//elsewhere.example',
    '/.//elsewhere.example',
    '/%2e%2e//elsewhere.example',
    '///elsewhere.example',
    '@elsewhere.example',
    '//elsewhere.example@here.invalid',
  ])('#11 leads %j to the start page', (next) => {
    expect(pathWithin(next)).toBe('/')
  })
})
