import type { Ledger, SentSecrets } from '@latchwork/connectors'
import { outsideLimits, outsideText, refusedLimits, shownRecord } from '@latchwork/contract'
import { JournalError, type RunJournal } from '@latchwork/flows'
import type { RecordStore } from '../store/run-records.ts'
import type { RunStore } from '../store/runs.ts'
import type { RecordSealer, RetainedRecords } from './retained-records.ts'

/* What a run records while it is under way. */

interface JournalParts {
  readonly stores: { readonly runs: RunStore; readonly records: RecordStore }
  readonly records: RetainedRecords
}

/** Records that are stored for the page are cut, searched for the secrets of both sides, and sealed. */
export function journalOf(
  { stores, records }: JournalParts,
  runId: string,
  sent: () => Promise<SentSecrets>,
): Omit<RunJournal, 'refusal'> {
  const store = stores.runs
  let sealer: RecordSealer | null = null
  const theSealer = async (): Promise<RecordSealer> => (sealer ??= await records.sealer(runId))
  return {
    opened: async (columns, expected) => {
      const json = JSON.stringify(columns)
      await stores.records.saveColumns(runId, (await theSealer()).last('columns', json))
      await store.setActivity(runId, null, expected ?? undefined)
    },
    save: async (progress, refused, lastRecords) => {
      if (refused.length + lastRecords.length === 0) return store.saveProgress(runId, progress, [], null)
      const [secrets, seal] = [await sent(), await theSealer()]
      const rows = refused.map(({ key, record, code, message }) => ({
        key: key === null ? null : outsideText(key, { ...secrets, max: outsideLimits.id }),
        record: shownRecord(record, secrets, refusedLimits),
        code,
        message: outsideText(message, { ...secrets, max: outsideLimits.message }),
      }))
      const last = lastRecords.map((record) => shownRecord(record, secrets))
      return store.saveProgress(
        runId,
        progress,
        seal.page(progress.recordsRefused - refused.length, rows),
        last.length === 0 ? null : seal.last('records', JSON.stringify(last)),
      )
    },
    // A run that was deleted, or ended by another process, need not continue.
    cancelling: async () => {
      const row = await store.find(runId)
      return row === null || row.cancelling || row.finishedAt !== null
    },
  }
}

/** If it can't be recorded, the run stays as it is, as with a journal that fails. */
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

/** Writes a connector's sentences one after the other, and only new ones. */
export function activityWriter(store: RunStore, runId: string) {
  let last: string | null = null
  let writing: Promise<void> = Promise.resolve()
  const say = (sentence: string | null): void => {
    if (sentence === last) return
    last = sentence
    // The sentence is only shown: a run does not fail because of it.
    writing = writing.then(() => store.setActivity(runId, sentence)).catch(() => undefined)
  }
  return { say, written: () => writing }
}
