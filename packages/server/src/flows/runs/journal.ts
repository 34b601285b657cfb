import type { Ledger, SentSecrets } from '@latchwork/connectors'
import { outsideLimits, outsideText, retainedRecord, shownRecord } from '@latchwork/contract'
import { JournalError, type QuarantinedRecord, type RunJournal, RunTaken } from '@latchwork/sync'
import type { HeldRun } from '../store/held.ts'
import type { LedgerChange, LedgerRun } from '../store/ledger.ts'
import type { RecordStore } from '../store/run-records.ts'
import type { RunRow } from '../store/run-row.ts'
import type { RunStore } from '../store/runs.ts'
import type { RecordSealer } from './record-sealer.ts'
import { lastReplayed, placeOf } from './replay-source.ts'
import type { RetainedRecords } from './retained-records.ts'

/* What a run records while it is under way. */

interface JournalParts {
  readonly stores: { readonly runs: RunStore; readonly records: RecordStore }
  readonly records: RetainedRecords
}

/** The last records are all of this length at most, as JSON in characters. */
const lastRecordsLimit = 64_000

/** What is kept of records is searched for the secrets of both sides, and sealed; what is only looked at is cut too. */
export function journalOf(
  { stores, records }: JournalParts,
  run: HeldRun & Pick<RunRow, 'replayOf'>,
  sent: () => Promise<SentSecrets>,
): Omit<RunJournal, 'refusal'> {
  const store = stores.runs
  const { id: runId, replayOf } = run
  let sealer: RecordSealer | null = null
  const theSealer = async (): Promise<RecordSealer> => (sealer ??= await records.sealer(runId))
  const now = async (): Promise<RunRow> => {
    const row = await store.find(runId)
    // One that was deleted has nobody to go on for.
    if (row?.attempt !== run.attempt || row.finishedAt !== null) throw new RunTaken()
    return row
  }
  return {
    begin: now,
    opened: async (columns, expected, key) => {
      const json = JSON.stringify({ columns, key })
      await stores.records.saveColumns(run, (await theSealer()).last('columns', json))
      await stores.records.eraseEarlierSamples(runId)
      await store.setActivity(run, null, expected ?? undefined)
    },
    save: async (progress, refused, lastRecords) => {
      if (refused.length + lastRecords.length === 0 && replayOf === null)
        return store.saveProgress(run, progress, [], null)
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
        return store.saveProgress(run, progress, [], sealedLast, {
          runId: replayOf,
          upTo: lastReplayed(progress.checkpoint.position),
          refused: refused.map((each) => {
            const position = placeOf(each.id)
            return { position, reason: sealer.reason(position, reasonOf(each)) }
          }),
        })
      }
      const rows = refused.map((each) => ({ ...reasonOf(each), ...retainedRecord(each.record, secrets) }))
      const before = progress.recordsRefused - refused.length
      return store.saveProgress(run, progress, seal.page(before, rows), sealedLast)
    },
    cancelling: async () => (await now()).cancelling,
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

/** If it can't be recorded, the run stays as it is, as with a journal that fails. */
export async function writtenDown<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof RunTaken ? error : new JournalError(error)
  }
}

/** The ledger of a run's flow. What is written at once is committed at once. */
export function ledgerOf(store: RunStore, run: LedgerRun): Ledger {
  let waiting: LedgerChange[] = []
  let last: Promise<void> = Promise.resolve()
  const write = (change: LedgerChange): Promise<void> => {
    waiting.push(change)
    if (waiting.length > 1) return last
    // The first of a batch writes it, once the batch before is done, whatever became of that.
    last = last
      .catch(() => undefined)
      .then(() => {
        const batch = waiting
        waiting = []
        return writtenDown(store.ledgerWrite(run, batch))
      })
    return last
  }
  return {
    claim: (records) => writtenDown(store.ledgerClaim(run, records)),
    begin: ({ id }) => write({ id, outcome: undefined }),
    settle: ({ id }, outcome) => write({ id, outcome }),
    known: (ids) => writtenDown(store.ledgerKnown(run, ids)),
  }
}

/** Writes what a connector says one after the other, and only what is new. */
export function activityWriter(store: RunStore, run: HeldRun) {
  let last: string | null = null
  let writing: Promise<void> = Promise.resolve()
  const say = (sentence: string | null): void => {
    if (sentence === last) return
    last = sentence
    // It is only shown: a run does not fail for it.
    writing = writing.then(() => store.setActivity(run, sentence)).catch(() => undefined)
  }
  return { say, written: () => writing }
}
