import type { RecordStore } from '../store/run-records.ts'
import type { RetainedRecords } from './retained-records.ts'

const rowsAtOnce = 200

/**
 * Seals the records that earlier versions stored in plain text, a few at a time. They are not shown before. It can be
 * stopped and called again.
 */
export async function sealPlainRecords(
  store: Pick<RecordStore, 'plain' | 'replacePlain'>,
  records: Pick<RetainedRecords, 'sealer'>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const plain = await store.plain(rowsAtOnce)
    if (plain === null) return
    const sealer = await records.sealer(plain.runId)
    const last = plain.last && {
      columns: sealer.last('', 'columns', plain.last.columns),
      records: sealer.last('', 'records', plain.last.records),
    }
    const refused = plain.refused.map(({ position, at, record, key, code, message }) => ({
      ...sealer.refused(
        { stream: '', position },
        { key, row: null, code, message, entry: null },
        { json: record, whole: false },
      ),
      at,
    }))
    await store.replacePlain(plain, last, refused)
  }
}
