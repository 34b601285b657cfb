import { counted } from './counted.ts'
import type { RunNotice } from './flow.ts'

const ofRecords: ReadonlySet<RunNotice['code']> = new Set(['deletions_held', 'records_gone'])

/** A notice of a run as a sentence, with how many records it is about, or how often it was met. */
export function noticeWords({ code, count, message }: Pick<RunNotice, 'code' | 'count' | 'message'>): string {
  if (ofRecords.has(code)) return `${message} (${counted(count, 'record')})`
  return count === 1 ? message : `${message} (${counted(count, 'time')})`
}
