import type { StreamReader, WriteNotice } from '@latchwork/connectors'
import type { ChosenStream, StreamProgress } from './run.ts'

/** Notices that tell of records which were not read. */
const unread: ReadonlySet<WriteNotice['code']> = new Set(['kind_refused'])

/**
 * Whether a stream was read whole, now that its reader has come to the end: then a record that did not come is gone. One
 * that was refused is there and was not written.
 */
export function isWhole(
  { mode, deletions = 'leave' }: ChosenStream,
  { excerpt }: Pick<StreamReader, 'excerpt'>,
  { recordsRefused, notices }: StreamProgress,
): boolean {
  const isRead = mode === 'full' && excerpt === undefined && !notices.some(({ code }) => unread.has(code))
  return deletions !== 'leave' && isRead && recordsRefused === 0
}

/** @param source what a sentence calls it */
export function goneNotice({ stream, deletions }: ChosenStream, count: number, source: string): WriteNotice {
  const what = deletions === 'mark' ? 'marked as deleted' : 'removed'
  const message = `Records that ${source} does not have any more were ${what}.`
  return { code: 'records_gone', column: stream, count, message }
}
