import type { Ledger, SentSecrets } from '@latchwork/connectors'
import { keptRecord, outsideLimits, outsideText, shownRecord } from '@latchwork/contract'
import { JournalError, type QuarantinedRecord, type RunJournal } from '@latchwork/flows'
import type { RecordStore } from '../store/run-records.ts'
import type { RunStore } from '../store/runs.ts'
import type { RecordSealer } from './record-sealer.ts'
import { lastReplayed, placeOf } from './replay-source.ts'
import type { RetainedRecords } from './retained-records.ts'

/* What a run writes down while it goes on. */

interface JournalParts {
  readonly stores: { readonly runs: RunStore; readonly records: RecordStore }
  readonly records: RetainedRecords
}

/** The last records are all of this length at most, as JSON in characters. */
const lastRecordsLimit = 64_000

/**
 * What is kept of records is searched for the secrets of both sides, and sealed; what is only looked at is cut too.
 * @param replayOf the run whose quarantine it writes; null for an ordinary one
 */
export function journalOf(
  { stores, records }: JournalParts,
  { id: runId, replayOf }: { readonly id: string; readonly replayOf: string | null },
  sent: () => Promise<SentSecrets>,
): Omit<RunJournal, 'refusal'> {
  const store = stores.runs
  let sealer: RecordSealer | null = null
  const theSealer = async (): Promise<RecordSealer> => (sealer ??= await records.sealer(runId))
  return {
    opened: async (columns, expected, key) => {
      const json = JSON.stringify({ columns, key })
      await stores.records.saveColumns(runId, (await theSealer()).last('columns', json))
      await stores.records.eraseEarlierSamples(runId)
      await store.setActivity(runId, null, expected ?? undefined)
    },
    save: async (progress, refused, lastRecords) => {
      if (refused.length + lastRecords.length === 0 && replayOf === null)
        return store.saveProgress(runId, progress, [], null)
      const [secrets, seal] = [await sent(), await theSealer()]
      const reasonOf = ({ key, row, code, message }: QuarantinedRecord) => ({
        key: key === null ? null : outsideText(key, { ...secrets, max: outsideLimits.id }),
        row,
        code,
        message: outsideText(message, { ...secrets, max: outsideLimits.message }),
      })
      const last = lastWithin(lastRecords.map((record) => JSON.stringify(shownRecord(record, secrets))))
      const sealedLast = last.length === 0 ? null : seal.last('records', `[${last.join(',')}]`)
      if (replayOf !== null) {
        const sealer = await records.sealer(replayOf)
        return store.saveProgress(runId, progress, [], sealedLast, {
          runId: replayOf,
          upTo: lastReplayed(progress.checkpoint.position),
          refused: refused.map((each) => {
            const position = placeOf(each.id)
            return { position, reason: sealer.reason(position, reasonOf(each)) }
          }),
        })
      }
      const rows = refused.map((each) => ({ ...reasonOf(each), ...keptRecord(each.record, secrets) }))
      const before = progress.recordsRefused - refused.length
      return store.saveProgress(runId, progress, seal.page(before, rows), sealedLast)
    },
    // A run that was deleted or ended by another process has nobody to go on for.
    cancelling: async () => {
      const row = await store.find(runId)
      return row === null || row.cancelling || row.finishedAt !== null
    },
  }
}

/** The last of them that fit the limit. */
function lastWithin(records: readonly string[]): readonly string[] {
  let [from, length] = [records.length, 0]
  while (from > 0) {
    length += (records[from - 1]?.length ?? 0) + 1
    if (length > lastRecordsLimit) break
    from -= 1
  }
  return records.slice(from)
}

/** What can't be written down leaves the run as it is, like a journal that fails. */
export async function writtenDown<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw new JournalError(error)
  }
}

export function ledgerOf(store: RunStore, runId: string): Ledger {
  return {
    begin: (keys) => writtenDown(store.ledgerBegin(runId, keys)),
    settle: (key, outcome) => writtenDown(store.ledgerSettle(runId, key, outcome)),
    look: (keys) => writtenDown(store.ledgerLook(runId, keys)),
  }
}

/** Writes what a connector says one after the other, and only what is new. */
export function activityWriter(store: RunStore, runId: string) {
  let last: string | null = null
  let writing: Promise<void> = Promise.resolve()
  const say = (sentence: string | null): void => {
    if (sentence === last) return
    last = sentence
    // It is only shown: a run does not fail for it.
    writing = writing.then(() => store.setActivity(runId, sentence)).catch(() => undefined)
  }
  return { say, written: () => writing }
}
