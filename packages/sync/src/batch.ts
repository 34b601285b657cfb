import type { Batch, StreamWriter, WriteNotice, WriteResult } from '@latchwork/connectors'
import { type DataRecord, valueIn } from '@latchwork/contract'
import type { Checkpoint } from './checkpoint.ts'
import type { QuarantinedRecord, RunCounts } from './run.ts'

/** What became of a batch. */
export interface WrittenBatch {
  readonly counts: RunCounts
  /** Records that the destination took. */
  readonly taken: readonly DataRecord[]
  readonly refused: readonly QuarantinedRecord[]
  readonly notices: readonly WriteNotice[]
  readonly state: Checkpoint['state']
  /** The source's, after it. */
  readonly position: Checkpoint['position']
  /** What kept the rest from being written; undefined where all of it was dealt with. */
  readonly interrupted: unknown
}

/**
 * Writes a batch. What has the same key is one record: the last of them is written, and counted.
 * @param state of the destination before it
 */
export async function writeBatch(
  writer: StreamWriter,
  batch: Batch,
  key: string | null,
  state: Checkpoint['state'],
): Promise<WrittenBatch> {
  // What has a place in a file is a record of its own, where it is written to a file again.
  const isEach = writer.takesEach === true && batch.rows !== undefined
  const chosen = distinct(batch.records, isEach ? null : key)
  const deleted = [...new Set(batch.deleted)]
  const of = <T>(all: readonly T[]): T[] => chosen.flatMap((index) => all.slice(index, index + 1))
  const [records, rows] = [of(batch.records), of(batch.rows ?? [])]
  const replayed = batch.replayed && of(batch.replayed)
  const result: WriteResult =
    records.length + deleted.length === 0
      ? { written: 0, refused: [], state }
      : await writer.write({
          records,
          ...(deleted.length === 0 ? {} : { deleted }),
          ...(replayed && { replayed }),
        })
  const inOrder = result.refused.toSorted((a, b) => a.index - b.index)
  const refused = inOrder.flatMap(({ index, code, message, entry = null }): QuarantinedRecord[] => {
    const record = records[index]
    const [row, id] = [rows[index] ?? null, replayed?.[index]?.id ?? null]
    return record === undefined ? [] : [{ key: keyText(record, key), row, id, record, code, message, entry }]
  })
  const unread = (batch.refused ?? []).map(
    (each): QuarantinedRecord => ({ ...each, key: keyText(each.record, key), id: null, entry: null }),
  )
  const left = new Set(result.refused.map(({ index }) => index))
  return {
    counts: {
      recordsRead: records.length + unread.length,
      recordsWritten: result.written,
      recordsRefused: unread.length + refused.length,
      recordsCreated: result.created ?? 0,
      recordsDeleted: result.deleted ?? deleted.length,
      // A batch without anything only moves the position.
      pages: records.length + deleted.length + unread.length === 0 ? 0 : (batch.pages ?? 1),
    },
    taken: left.size === 0 ? records : records.filter((_, index) => !left.has(index)),
    refused: [...unread, ...refused],
    notices: [...(batch.notices ?? []), ...(result.notices ?? [])],
    state: result.state,
    position: batch.position,
    interrupted: result.interrupted,
  }
}

/** Records that are written at once, where batches are joined. */
const mostJoined = 500

/** Two batches as one; null where the order of what they say matters, and where that would be too much. */
export function joinBatches(one: Batch, next: Batch): Batch | null {
  const { records, notices = [], pages = 1, rows } = one
  const isPlain = [one, next].every(
    ({ deleted, existing, heldPosition, refused, replayed }) =>
      (deleted ?? existing ?? heldPosition ?? refused ?? replayed) === undefined,
  )
  const fits = records.length + next.records.length <= mostJoined
  if (!isPlain || !fits || (rows === undefined) !== (next.rows === undefined)) return null
  return {
    records: [...records, ...next.records],
    notices: [...notices, ...(next.notices ?? [])],
    ...(rows && { rows: [...rows, ...(next.rows ?? [])] }),
    pages: pages + (next.pages ?? 1),
    position: next.position,
  }
}

/** Indexes of the records: of those with the same key, of the last one. */
function distinct(records: readonly DataRecord[], key: string | null): readonly number[] {
  const last = new Map<string, number>()
  const keys = records.map((record) => keyText(record, key))
  keys.forEach((own, index) => {
    if (own !== null) last.set(own, index)
  })
  return [...records.keys()].filter((index) => (last.get(keys[index] ?? '') ?? index) === index)
}

function keyText(record: DataRecord, key: string | null): string | null {
  const value = key === null ? undefined : valueIn(record, key)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}

export const noCounts: RunCounts = {
  ...{ recordsRead: 0, recordsWritten: 0, recordsRefused: 0, recordsCreated: 0, recordsDeleted: 0, pages: 0 },
}

export function addCounts(before: RunCounts, more: RunCounts): RunCounts {
  return {
    recordsRead: before.recordsRead + more.recordsRead,
    recordsWritten: before.recordsWritten + more.recordsWritten,
    recordsRefused: before.recordsRefused + more.recordsRefused,
    recordsCreated: before.recordsCreated + more.recordsCreated,
    recordsDeleted: before.recordsDeleted + more.recordsDeleted,
    pages: before.pages + more.pages,
  }
}

/** Those of one code and column are added up; the last of them says what they are. */
export function addNotices(
  before: readonly WriteNotice[],
  more: readonly WriteNotice[],
): readonly WriteNotice[] {
  if (more.length === 0) return before
  const all = new Map<string, WriteNotice>()
  for (const notice of [...before, ...more]) {
    const key = JSON.stringify([notice.code, notice.column])
    all.set(key, { ...notice, count: (all.get(key)?.count ?? 0) + notice.count })
  }
  return [...all.values()]
}

/** What a part of a page adds to the counts, or takes from them again. */
export function countsOfPart(part: Checkpoint['part'], sign: 1 | -1): RunCounts {
  const { written, created } = part ?? { written: 0, created: 0 }
  const [records, made] = [sign * written, sign * created]
  return { ...noCounts, recordsRead: records, recordsWritten: records, recordsCreated: made }
}
