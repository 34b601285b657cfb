import type { RunNotice } from './flow.ts'

const ofRecords: ReadonlySet<RunNotice['code']> = new Set(['deletions_held', 'records_gone'])

/** A notice of a run as a sentence, with how many records it is about, or how often it was met. */
export function noticeWords({ code, count, message }: Pick<RunNotice, 'code' | 'count' | 'message'>): string {
  const number = count.toLocaleString('en')
  if (ofRecords.has(code)) return `${message} (${count === 1 ? '1 record' : `${number} records`})`
  return count === 1 ? message : `${message} (${number} times)`
}
