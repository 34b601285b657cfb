import type { Gone, StreamReader, WriteNotice } from '@latchwork/connectors'
import type { ChosenStream, StreamProgress } from './run.ts'

/** Notices that tell of records which were not read. */
const unread: ReadonlySet<WriteNotice['code']> = new Set(['kind_refused'])
/** So few records may go at once without a question. */
const fewGone = 20

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
  return deletions !== 'leave' && isRead && recordsRefused === 0 && !isHeldBack({ notices })
}

/**
 * Whether so many records may be marked or removed at once. More than half of them are rather a source that answers
 * nothing by mistake: they stay until somebody says that they are gone. Another filter says it, as long as it keeps some.
 */
export function allowsGone({ acceptsGone, otherFilter }: ChosenStream): (found: Gone) => boolean {
  return ({ gone, known }) =>
    acceptsGone === true || gone <= fewGone || gone * 2 <= known || (otherFilter === true && gone < known)
}

/** Whether a comparison would have marked or removed too much. */
export function isHeldBack({ notices }: Pick<StreamProgress, 'notices'>): boolean {
  return notices.some(({ code }) => code === 'deletions_held')
}

/** @param source what a sentence calls it */
export function goneNotice({ stream, deletions }: ChosenStream, count: number, source: string): WriteNotice {
  const message = `Records that ${source} does not have any more were ${doneTo(deletions)}.`
  return { code: 'records_gone', column: stream, count, message }
}

export function heldNotice(
  { stream, deletions }: ChosenStream,
  { gone, known }: Gone,
  source: string,
): WriteNotice {
  const message = `Records that the destination has did not come from ${source} any more: more than half of its ${known}. That may be a mistake, so none was ${doneTo(deletions)}. If they are really gone, say so, and they will be.`
  return { code: 'deletions_held', column: stream, count: gone, message }
}

/** For a whole that would have been replaced by nothing. */
export function emptiedNotice({ stream }: ChosenStream, known: number, source: string): WriteNotice {
  const message = `There was nothing to read in ${source}, and what the destination has was left as it is: ${known} records. If they are really gone, say so, and it is replaced.`
  return { code: 'deletions_held', column: stream, count: known, message }
}

function doneTo(deletions: ChosenStream['deletions']): string {
  return deletions === 'mark' ? 'marked as deleted' : 'removed'
}
