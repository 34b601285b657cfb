import { parseExactly, recordSchema, usualWatch } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import {
  elapsedMs,
  progressOf,
  recordsPerSecond,
  remainingMs,
  streamMs,
  streamsDone,
} from '../src/flows/measures.ts'
import { editableText, typedValue } from '../src/flows/record-values.ts'
import { helpFor, watchWords } from '../src/flows/words.ts'
import { cellText } from '../src/ui/cell.ts'
import { formatBytes, formatDuration, formatRate } from '../src/ui/number-words.ts'

const at = (seconds: number) => new Date(seconds * 1000).toISOString()

describe('measures of a run', () => {
  it('counts the streams that have ended, whatever became of them', () => {
    const statuses = ['succeeded', 'skipped', 'failed', 'running', 'waiting'] as const
    const streams = statuses.map((status) => ({
      ...{ stream: status, label: status, status, pages: 0, recordsRead: 0, recordsWritten: 0 },
      ...{ recordsRefused: 0, recordsDeleted: 0, recordsExpected: null },
      ...{ begunAt: null, endedAt: null, error: null },
    }))
    expect(streamsDone({ status: 'running', streams })).toEqual({ done: 3, all: 5 })
    expect(streamsDone({ status: 'running', streams: streams.slice(0, 1) })).toBeNull()
    expect(streamsDone({ status: 'partial', streams })).toBeNull()
  })

  it('counts refused records as dealt with, and never passes the end', () => {
    const run = { status: 'running', recordsExpected: 200, recordsWritten: 90, recordsRefused: 10 } as const
    expect(progressOf(run)).toBe(0.5)
    expect(progressOf({ ...run, recordsWritten: 400 })).toBe(1)
    expect(progressOf({ ...run, recordsExpected: null })).toBeNull()
    expect(progressOf({ ...run, status: 'succeeded', recordsExpected: null })).toBe(1)
  })

  it('measures time to the end, or to now, and not below nothing', () => {
    expect(elapsedMs({ startedAt: null, finishedAt: null }, 0)).toBeNull()
    expect(elapsedMs({ startedAt: at(10), finishedAt: at(12) }, 99_000)).toBe(2000)
    expect(elapsedMs({ startedAt: at(10), finishedAt: null }, 9_000)).toBe(0)
  })

  it('tells how long it still takes, once that can be told', () => {
    const half = { recordsRead: 500, recordsExpected: 1000 }
    expect(remainingMs(half, 10_000)).toBe(10_000)
    expect(remainingMs({ ...half, recordsRead: 1200 }, 10_000)).toBe(0)
    expect(remainingMs(half, 1999)).toBeNull()
    expect(remainingMs(half, null)).toBeNull()
    expect(remainingMs({ ...half, recordsRead: 0 }, 10_000)).toBeNull()
    expect(remainingMs({ ...half, recordsExpected: null }, 10_000)).toBeNull()
    expect(streamMs({ begunAt: at(3), endedAt: at(5) }, 99_000)).toBe(2000)
    expect(streamMs({ begunAt: null, endedAt: null }, 99_000)).toBeNull()
  })

  it('says what helps most, and nothing where nothing does', () => {
    const failed = (code: string) => ({
      ...{ status: 'failed' as const, retryAt: null, error: { code, message: '' } },
    })
    expect(helpFor({ status: 'succeeded', retryAt: null, error: null }, false)).toBe('nothing')
    expect(helpFor({ status: 'partial', retryAt: null, error: null }, true)).toBe('replay')
    expect(helpFor({ status: 'cancelled', retryAt: null, error: null }, false)).toBe('again')
    expect(helpFor(failed('grant_rejected'), true)).toBe('remedy')
    expect(helpFor(failed('nothing_written'), true)).toBe('replay')
    expect(helpFor(failed('nothing_written'), false)).toBe('remedy')
    expect(helpFor(failed('access_withdrawn'), false)).toBe('nothing')
    expect(helpFor(failed('unreachable'), false)).toBe('again')
    expect(helpFor({ ...failed('unreachable'), retryAt: at(9) }, false)).toBe('nothing')
  })

  it('says what is told of a flow', () => {
    expect(watchWords(usualWatch)).toBe(
      'nothing read (3 days for changes), 2 times more or fewer records than usual, changed columns',
    )
    expect(watchWords({ quietHours: 5, volumeTimes: null, schemaChanges: false })).toBe(
      'nothing read (5 hours for changes)',
    )
    expect(watchWords({ quietHours: null, volumeTimes: null, schemaChanges: false })).toBe(
      'nothing but failures',
    )
  })

  it('gives a rate only where it means something', () => {
    const run = { recordsRead: 500, startedAt: at(0), finishedAt: at(10) }
    expect(recordsPerSecond(run, 0)).toBe(50)
    expect(recordsPerSecond({ ...run, finishedAt: at(0.1) }, 0)).toBeNull()
  })

  it.each([
    [820, '820 ms'],
    [4_240, '4.2 s'],
    [59_400, '59 s'],
    [59_600, '1 min'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it('writes sizes and rates with the digits that count', () => {
    expect([1, 999, 1500, 18_400_000].map(formatBytes)).toEqual(['1 byte', '999 bytes', '1.5 kB', '18 MB'])
    expect([2.84, 1234.5].map(formatRate)).toEqual(['2.8', '1,235'])
  })
})

describe('cells', () => {
  it('shows nested values as JSON, times to the second, and cuts what is long', () => {
    expect(cellText([{ a: 1 }], 'json')).toBe('[{"a":1}]')
    expect(cellText('2025-01-02T03:04:05.678Z', 'time')).toBe('2025-01-02 03:04:05')
    expect(cellText('soon', 'time')).toBe('soon')
    expect(cellText(null, 'text')).toBe('')
    expect(cellText('x'.repeat(600), 'text')).toHaveLength(501)
  })
})

describe('values of a record that is edited', () => {
  it.each([
    '{"v":12345678901234567890}',
    '{"v":1.10}',
    '{"v":{"a":[12345678901234567890,1.10]}}',
    '{"v":"two\\r\\nlines"}',
    '{"v":true}',
  ])('come through as they are: %s', (json) => {
    const record = recordSchema.parse(parseExactly(json))
    // As a field of text has it.
    const typed = editableText(record['v']).replaceAll('\r\n', '\n')
    const other = record['v'] === true ? 'false' : typed
    expect(JSON.stringify({ v: typedValue(other, record['v']) })).toBe(json.replace('true', 'false'))
  })

  it('stay text where a number is no number any more, and are asked for again where JSON is broken', () => {
    expect(typedValue('1.000,00', 5)).toBe('1.000,00')
    expect(typedValue('0x1F', 5)).toBe('0x1F')
    expect(typedValue('{"a":', { a: 1 })).toBeUndefined()
  })
})
