import type { Json, Ledger, SentSecrets } from '@latchwork/connectors'
import {
  type DataRecord,
  LatchworkError,
  outsideLimits,
  outsideText,
  type RunStage,
  recordSchema,
  retainedRecord,
  shownRecord,
} from '@latchwork/contract'
import {
  addCounts,
  addNotices,
  JournalError,
  type QuarantinedRecord,
  type RunJournal,
  RunTaken,
} from '@latchwork/sync'
import { z } from 'zod'
import type { MadeWith } from '../../database/stream-tables.ts'
import type { HeldRun } from '../store/held.ts'
import type { LedgerChange, LedgerRun } from '../store/ledger.ts'
import type { RecordStore } from '../store/run-records.ts'
import type { RunRow } from '../store/run-row.ts'
import {
  noRecords,
  type RunTotals,
  type SavedRecords,
  type StreamRow,
  unbegun,
} from '../store/run-streams.ts'
import type { RunStore } from '../store/runs.ts'
import type { ColumnPlanner } from './planned-columns.ts'
import type { RecordSealer } from './record-sealer.ts'
import { lastReplayed, placeOf, storedStream } from './replay-source.ts'
import type { RetainedRecords } from './retained-records.ts'

/* What a run records while it is under way. */

interface JournalParts {
  readonly stores: { readonly runs: RunStore; readonly records: RecordStore }
  readonly records: RetainedRecords
}

/** The last records are all of this length at most, as JSON in characters. */
const lastRecordsLimit = 64_000

/**
 * The journal of a run. What is kept of records is searched for the secrets of both sides, and sealed;
 * what is only looked at is cut too. Streams save one after the other, so that the numbers of all are right together.
 */
export function journalOf(
  { stores, records }: JournalParts,
  run: HeldRun & Pick<RunRow, 'flowId' | 'replayOf'>,
  sent: () => Promise<SentSecrets>,
  streams: () => readonly string[],
  plan: ColumnPlanner,
): Omit<RunJournal, 'refusal'> {
  const store = stores.runs
  const { id: runId, replayOf } = run
  let sealer: RecordSealer | null = null
  const theSealer = async (): Promise<RecordSealer> => (sealer ??= await records.sealer(runId))
  const inTurn = turns()
  const rows = new Map<string, StreamRow>()
  /** Reads where the stream stands, and what is not known yet of the others: of those under way more is known here. */
  const load = async (stream: string): Promise<void> => {
    for (const row of await store.streamsOf(run, streams()[0] ?? '')) {
      if (row.stream === stream || !rows.has(row.stream)) rows.set(row.stream, row)
    }
  }
  const now = async (): Promise<RunRow> => {
    const row = await store.find(runId)
    // One that was deleted has nobody to go on for.
    if (row?.attempt !== run.attempt || row.finishedAt !== null) throw new RunTaken()
    return row
  }
  /** What the stream's state is made with; null: of a run that began before flows chose. */
  const madeWith = async ({ chosen }: StreamRow): Promise<MadeWith | null> => {
    if (chosen === null) return null
    const { columns, parameters, target, deletions, lists } = chosen
    return {
      columns,
      parameters,
      target,
      deletions,
      ...(lists && { lists }),
      place: await store.placeOf(run.flowId),
    }
  }
  /** A replay, and what reads some days, have nothing to do with the state. */
  const isApart = ({ chosen }: StreamRow) => replayOf !== null || chosen?.range !== undefined
  return {
    begin: (stream) =>
      inTurn(async () => {
        await load(stream)
        const row = rows.get(stream) ?? unbegun(runId, stream)
        const { status, outputFile, outputBytes } = row
        const isEnded = status === 'succeeded' || status === 'partial'
        if (!isEnded) {
          await store.beginStream(run, stream)
          rows.set(stream, { ...row, status: null, error: null })
        }
        const { recordsRead, recordsWritten, recordsRefused, recordsCreated, recordsDeleted } = row
        const { pages, notices, checkpoint } = row
        return {
          // Nothing else: what the engine is given comes back with each save.
          ...{ recordsRead, recordsWritten, recordsRefused, recordsCreated, recordsDeleted },
          ...{ pages, notices, checkpoint },
          state: isApart(row) ? null : await store.takeState(run, stream, await madeWith(row)),
          lastRecords: await lastTaken(records, runId, stream),
          end: isEnded
            ? { status, output: outputFile === null ? null : { file: outputFile, bytes: outputBytes ?? 0 } }
            : null,
        }
      }),
    opened: async (stream, columns, expected, key) => {
      const json = JSON.stringify({ columns, key })
      await stores.records.saveColumns(run, stream, (await theSealer()).last(stream, 'columns', json))
      await stores.records.eraseEarlierSamples(runId)
      rows.set(stream, { ...(rows.get(stream) ?? unbegun(runId, stream)), recordsExpected: expected })
      await store.setActivity(run, null, expectedOf(rows, streams()) ?? undefined)
      return inTurn(() => plan(stream, columns))
    },
    save: (stream, progress, refused, lastRecords) =>
      inTurn(async () => {
        const before = rows.get(stream) ?? unbegun(runId, stream)
        const row: StreamRow = { ...before, ...progress }
        const all = new Map(rows).set(stream, row)
        const totals = totalsOf(all.values())
        const answer = await store.saveProgress(
          run,
          row,
          totals,
          await toSave({ ...progress, stream }, refused, lastRecords, totals.recordsRefused - refused.length),
        )
        rows.set(stream, row)
        return answer
      }),
    ended: (stream, end, state) =>
      inTurn(async () => {
        const row = rows.get(stream) ?? unbegun(runId, stream)
        return store.endStream(run, stream, end, state, state === null ? null : await madeWith(row))
      }),
    stopped: (stream, stop) => inTurn(() => store.stopStream(run, stream, stop)),
    cancelling: async () => (await now()).cancelling,
  }

  /** @param before how many records of the run were refused before these */
  async function toSave(
    { stream, checkpoint }: { readonly stream: string; readonly checkpoint: { readonly position: Json } },
    refused: readonly QuarantinedRecord[],
    lastRecords: readonly DataRecord[],
    before: number,
  ): Promise<SavedRecords> {
    if (refused.length + lastRecords.length === 0 && replayOf === null) return noRecords
    const [secrets, seal] = [await sent(), await theSealer()]
    const reasonOf = ({ key, row, code, message, entry }: QuarantinedRecord) => ({
      key: key === null ? null : outsideText(key, { ...secrets, max: outsideLimits.id }),
      ...{ row, code, entry },
      message: outsideText(message, { ...secrets, max: outsideLimits.message }),
    })
    const shown = lastWithin(lastRecords.map((record) => JSON.stringify(shownRecord(record, secrets))))
    const last = shown.length === 0 ? null : seal.last(stream, 'records', `[${shown.join(',')}]`)
    if (replayOf === null) {
      const rows = refused.map((each) => ({ ...reasonOf(each), ...retainedRecord(each.record, secrets) }))
      return { refused: seal.page(stream, before, rows), last, replayed: null }
    }
    const sealer = await records.sealer(replayOf)
    const stored = storedStream(stream)
    const replayed = {
      runId: replayOf,
      stream: stored,
      upTo: lastReplayed(checkpoint.position),
      refused: refused.map((each) => {
        const position = placeOf(each.id)
        return { position, reason: sealer.reason({ stream: stored, position }, reasonOf(each)) }
      }),
    }
    return { refused: [], last, replayed }
  }
}

/** Does one piece of work after the other. */
function turns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }
}

const nothing: RunTotals = {
  ...{ recordsRead: 0, recordsWritten: 0, recordsRefused: 0, recordsCreated: 0, recordsDeleted: 0 },
  ...{ pages: 0, notices: [] },
}

function totalsOf(rows: Iterable<StreamRow>): RunTotals {
  let totals = nothing
  for (const row of rows)
    totals = { ...addCounts(totals, row), notices: addNotices(totals.notices, row.notices) }
  return totals
}

/** Null while it is not known of all streams. */
function expectedOf(rows: ReadonlyMap<string, StreamRow>, streams: readonly string[]): number | null {
  let expected = 0
  for (const stream of streams) {
    const count = rows.get(stream)?.recordsExpected ?? null
    if (count === null) return null
    expected += count
  }
  return expected
}

const storedRecords = z.array(recordSchema).catch([])

/** The records are only shown: one that can't be opened does not stop a run. */
async function lastTaken(records: RetainedRecords, runId: string, stream: string): Promise<DataRecord[]> {
  try {
    return storedRecords.parse((await records.last(runId, stream)).records)
  } catch (error) {
    if (error instanceof LatchworkError && error.code === 'record_unreadable') return []
    throw error
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
  let waits = false
  let writing: Promise<void> = Promise.resolve()
  const say = (sentence: string | null): void => {
    if (sentence === last) return
    last = sentence
    // The beginning and the end of a wait are noted, not each try in between.
    const turns = waits !== (sentence !== null)
    waits = sentence !== null
    // It is only shown: a run does not fail for it.
    writing = writing
      .then(() => store.setActivity(run, sentence))
      .then(() => (turns ? store.noteEvent(run, ...stageOf(sentence)) : undefined))
      .catch(() => undefined)
  }
  return { say, written: () => writing }
}

function stageOf(sentence: string | null): [stage: RunStage, message: string] {
  return sentence === null ? ['going_on', 'It goes on.'] : ['waiting', sentence]
}
