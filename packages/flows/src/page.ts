import type { DestinationWriter, SourcePage, WriteResult } from '@latchwork/connectors'
import { type DataRecord, valueIn } from '@latchwork/contract'
import type { Checkpoint } from './checkpoint.ts'
import type { QuarantinedRecord, RunCounts } from './run.ts'

/** What became of a page. */
export interface WrittenPage {
  readonly counts: RunCounts
  /** Records that the destination took. */
  readonly taken: readonly DataRecord[]
  readonly refused: readonly QuarantinedRecord[]
  readonly state: Checkpoint['state']
  /** What kept the rest from being written; undefined where all of it was dealt with. */
  readonly interrupted: unknown
}

/**
 * Writes a page. What has the same key is one record: the last of them is written, and counted.
 * @param state of the destination before it
 */
export async function writePage(
  destination: DestinationWriter,
  page: SourcePage,
  key: string | null,
  state: Checkpoint['state'],
): Promise<WrittenPage> {
  const records = distinct(page.records, key)
  const result: WriteResult =
    records.length === 0 ? { written: 0, refused: [], state } : await destination.write(records)
  const refused = result.refused.flatMap(({ index, code, message }): QuarantinedRecord[] => {
    const record = records[index]
    return record === undefined ? [] : [{ key: keyText(record, key), record, code, message }]
  })
  const left = new Set(result.refused.map(({ index }) => index))
  return {
    counts: {
      recordsRead: records.length,
      recordsWritten: result.written,
      recordsRefused: refused.length,
      recordsCreated: result.created ?? 0,
      pages: 1,
    },
    taken: left.size === 0 ? records : records.filter((_, index) => !left.has(index)),
    refused,
    state: result.state,
    interrupted: result.interrupted,
  }
}

function distinct(records: readonly DataRecord[], key: string | null): readonly DataRecord[] {
  if (key === null) return records
  const last = new Map<string, number>()
  records.forEach((record, index) => {
    const own = keyText(record, key)
    if (own !== null) last.set(own, index)
  })
  const kept = records.filter((record, index) => (last.get(keyText(record, key) ?? '') ?? index) === index)
  return kept.length === records.length ? records : kept
}

function keyText(record: DataRecord, key: string | null): string | null {
  const value = key === null ? undefined : valueIn(record, key)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}

export function addCounts(before: RunCounts, more: RunCounts): RunCounts {
  return {
    recordsRead: before.recordsRead + more.recordsRead,
    recordsWritten: before.recordsWritten + more.recordsWritten,
    recordsRefused: before.recordsRefused + more.recordsRefused,
    recordsCreated: before.recordsCreated + more.recordsCreated,
    pages: before.pages + more.pages,
  }
}

/** What a part of a page adds to the counts, or takes from them again. */
export function countsOfPart(part: Checkpoint['part'], sign: 1 | -1): RunCounts {
  const { written, created } = part ?? { written: 0, created: 0 }
  const [records, made] = [sign * written, sign * created]
  return { recordsRead: records, recordsWritten: records, recordsRefused: 0, recordsCreated: made, pages: 0 }
}
