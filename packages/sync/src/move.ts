import type { DestinationWriter, SourcePage, SourceReader } from '@latchwork/connectors'
import { type DataRecord, LatchworkError, statusAtEnd } from '@latchwork/contract'
import { type Checkpoint, readCheckpoint } from './checkpoint.ts'
import { addCounts, addNotices, countsOfPart, writePage } from './page.ts'
import { readAhead } from './read-ahead.ts'
import {
  JournalError,
  type QuarantinedRecord,
  type RunCounts,
  type RunJournal,
  type RunOutcome,
  type RunProgress,
  type RunRequest,
  RunTaken,
} from './run.ts'

/** How many of the last records a run stores for its page, and how often it saves them. */
const sampleSize = 50
const lastRecordsEveryMs = 1000

type Progress = RunProgress & { readonly checkpoint: Checkpoint }

/** What one stretch of a run has open, and what it hands to the next one. */
export interface Stretch {
  readonly request: RunRequest
  /** Aborts when the run must end or be left. */
  readonly signal: AbortSignal
  readonly cancelled: AbortController
  /** The newest of the records that were taken, over all stretches. */
  lastRecords: readonly DataRecord[]
  source: SourceReader | null
  destination: DestinationWriter | null
  /** Which side the last failure came from. */
  culprit: 'source' | 'destination'
  /** Told whenever something was saved. */
  moved(): void
}

/** Moves records from where the run stands to its end. What is opened is left to be closed by the caller. */
export async function moveRecords(stretch: Stretch): Promise<RunOutcome> {
  const { request, signal, cancelled } = stretch
  const { journal } = request
  // A source may wait long for its next page. A failed run does not wait for it.
  const failed = new AbortController()
  await refuse(journal)
  const begun = await written(journal.begin())
  let progress: Progress = { ...begun, checkpoint: readCheckpoint(begun.checkpoint) }
  const source = await from(stretch, 'source', () =>
    request.openSource(AbortSignal.any([signal, failed.signal])),
  )
  stretch.source = source
  const { columns, key, ordered } = source
  const expected = await from(stretch, 'source', () => source.count())
  await written(journal.opened(columns, expected, key))
  const resume = progress.checkpoint.state
  const destination = await from(stretch, 'destination', () =>
    request.openDestination({ columns, key, ordered, resume }, signal),
  )
  stretch.destination = destination

  let lastSavedMs = 0
  const save = async (next: Progress, refused: readonly QuarantinedRecord[]): Promise<void> => {
    const nowMs = request.clock.now()
    const due = next.checkpoint.complete || nowMs - lastSavedMs >= lastRecordsEveryMs
    const { cancelling } = await written(journal.save(next, refused, due ? stretch.lastRecords : []))
    if (due) lastSavedMs = nowMs
    progress = next
    stretch.moved()
    if (cancelling) cancelled.abort()
    signal.throwIfAborted()
  }
  const take = async (page: SourcePage): Promise<void> => {
    signal.throwIfAborted()
    await refuse(journal)
    const { checkpoint } = progress
    const result = await from(stretch, 'destination', () =>
      writePage(destination, page, key, checkpoint.state),
    )
    const { notices } = progress
    const before = addCounts(progress, countsOfPart(checkpoint.part, -1))
    if (result.interrupted !== undefined) {
      const part = { written: result.counts.recordsWritten, created: result.counts.recordsCreated }
      const counts = addCounts(before, countsOfPart(part, 1))
      if (!isUnsaved(result.interrupted))
        await save({ ...counts, notices, checkpoint: { ...checkpoint, part } }, [])
      stretch.culprit = 'destination'
      throw result.interrupted
    }
    stretch.lastRecords = [...stretch.lastRecords, ...result.taken.slice(-sampleSize)].slice(-sampleSize)
    const next = { position: page.position, state: result.state, complete: false, part: null }
    const saved = { ...addCounts(before, result.counts), notices: addNotices(notices, result.notices) }
    await save({ ...saved, checkpoint: next }, result.refused)
  }

  // What the destination made of its state when it was opened stands before anything is added to it.
  const { state } = destination
  if (state !== undefined) await save({ ...progress, checkpoint: { ...progress.checkpoint, state } }, [])
  if (!progress.checkpoint.complete) {
    const { position } = progress.checkpoint
    const pages = readAhead(permitted(stretch, source.pages(position)))
    for await (const page of pages) {
      await take(page).catch((error: unknown) => {
        failed.abort(error)
        throw error
      })
    }
    signal.throwIfAborted()
    await save({ ...progress, checkpoint: { ...progress.checkpoint, complete: true } }, [])
  }
  await refuse(journal)
  const status = statusAtEnd(progress)
  if (status === 'failed') throw nothingWritten(progress)
  return { status, output: await from(stretch, 'destination', () => destination.finish()) }
}

/** Notes the side on which work failed. */
async function from<T>(stretch: Stretch, side: Stretch['culprit'], work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    stretch.culprit = side
    throw error
  }
}

/** Whether the journal itself is what failed: then there is nothing to save to. */
function isUnsaved(error: unknown): boolean {
  return error instanceof JournalError || error instanceof RunTaken
}

/** Then what was there before stays. */
function nothingWritten({ recordsRead }: RunCounts): LatchworkError {
  const all =
    recordsRead === 1 ? 'The one record that was read was' : `All ${recordsRead} records that were read were`
  return new LatchworkError('nothing_written', { message: `${all} refused: nothing was written.` })
}

/** @throws {LatchworkError} why the run may not go on */
async function refuse(journal: RunJournal): Promise<void> {
  const refusal = await written(journal.refusal())
  if (refusal !== null) throw refusal
}

/** Asks before each page that is read. */
async function* permitted<T>(stretch: Stretch, pages: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const items = pages[Symbol.asyncIterator]()
  try {
    for (;;) {
      const item = await from(stretch, 'source', () => items.next())
      if (item.done === true) return
      yield item.value
      await refuse(stretch.request.journal)
    }
  } finally {
    await items.return?.()
  }
}

/** What the journal answers. @throws RunTaken, JournalError */
export async function written<T>(saving: Promise<T>): Promise<T> {
  try {
    return await saving
  } catch (error) {
    throw error instanceof RunTaken ? error : new JournalError(error)
  }
}
