import type { DestinationWriter, SourcePage } from '@latchwork/connectors'
import { type DataRecord, type ErrorCode, LatchworkError, statusAtEnd, valueIn } from '@latchwork/contract'
import { type Checkpoint, readCheckpoint } from './checkpoint.ts'
import { readAhead } from './read-ahead.ts'
import {
  JournalError,
  type QuarantinedRecord,
  type RunCounts,
  type RunJournal,
  type RunOutcome,
  type RunRequest,
} from './run.ts'

/** How many of the last records a run stores for its page, and how often it saves them. */
const sampleSize = 50
const lastRecordsEveryMs = 1000
const cancelCheckMs = 1000

const nothingYet = {
  recordsRead: 0,
  recordsWritten: 0,
  recordsRefused: 0,
  pages: 0,
  checkpoint: null,
} as const

/**
 * Executes a run, or continues it from its checkpoint.
 *
 * A run goes through these states:
 *
 * 1. **opening**: the source is opened, then the destination with the state of its last acknowledged write.
 * 2. **moving**: a page is read while the one before it is written; never more than one page waits. When the
 *    destination has acknowledged a page, position and state are saved together with the counts and the refused
 *    records. A process that ends anywhere before that save reads and writes the page again, which a destination
 *    takes without doubling; one that ends after it goes on with the next page.
 * 3. **complete**: the source ended, and that is saved, so that it is not read again.
 * 4. **finishing**: the destination puts the whole in its place. Repeating this after a crash changes nothing. Where every
 *    record was refused there is nothing to put there: the run has failed.
 *
 * From every state it can fail, be refused or be cancelled: then the destination is told to give up, and what was there before
 * stays where the system allows it. When `signal` aborts or the journal fails, nothing is given up: the run is left as
 * it is, for another process to continue, and this function throws the signal's reason or a `JournalError`.
 */
export async function executeRun(request: RunRequest): Promise<RunOutcome> {
  const cancelled = new AbortController()
  const ended = new AbortController()
  const watching = watchCancellation(request, cancelled, ended.signal)
  const signal = AbortSignal.any([request.signal, cancelled.signal])
  try {
    return await moveRecords(request, signal, cancelled)
  } catch (error) {
    request.signal.throwIfAborted()
    if (error instanceof JournalError) throw error
    const reason: unknown = cancelled.signal.reason
    if (cancelled.signal.aborted && !(reason instanceof LatchworkError)) return { status: 'cancelled' }
    const cause = cancelled.signal.aborted ? reason : error
    return { status: 'failed', error: explainFailure(cause), cause }
  } finally {
    ended.abort()
    await watching
  }
}

async function moveRecords(
  request: RunRequest,
  signal: AbortSignal,
  cancelled: AbortController,
): Promise<RunOutcome> {
  const { journal } = request
  // A source may wait long for its next page. A failed run does not wait for it.
  const failed = new AbortController()
  await refuse(journal)
  const begun = request.progress ?? nothingYet
  let progress = { ...begun, checkpoint: readCheckpoint(begun.checkpoint) }
  const source = await request.openSource(AbortSignal.any([signal, failed.signal]))
  try {
    const { columns, key, ordered } = source
    const expected = await source.count()
    await written(journal.opened(columns, expected))
    const resume = progress.checkpoint.state
    const destination = await request.openDestination({ columns, key, ordered, resume }, signal)
    let lastRecords = request.lastRecords ?? []
    let lastSavedMs = 0
    const save = async (next: typeof progress, refused: readonly QuarantinedRecord[]): Promise<void> => {
      const nowMs = request.clock.now()
      const due = next.checkpoint.complete || nowMs - lastSavedMs >= lastRecordsEveryMs
      const { cancelling } = await written(journal.save(next, refused, due ? lastRecords : []))
      if (due) lastSavedMs = nowMs
      progress = next
      if (cancelling) cancelled.abort()
      signal.throwIfAborted()
    }
    try {
      if (!progress.checkpoint.complete) {
        const pages = readAhead(whilePermitted(journal, source.pages(progress.checkpoint.position)))
        const take = async (page: SourcePage): Promise<void> => {
          signal.throwIfAborted()
          await refuse(journal)
          const { counts, taken, refused, state } = await writePage(destination, page, key)
          lastRecords = [...lastRecords, ...taken.slice(-sampleSize)].slice(-sampleSize)
          const checkpoint = { position: page.position, state, complete: false }
          await save({ ...addCounts(progress, counts), checkpoint }, refused)
        }
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
      return { status, output: await destination.finish() }
    } catch (error) {
      if (!request.signal.aborted && !(error instanceof JournalError)) await destination.abort()
      throw error
    } finally {
      await destination.close()
    }
  } finally {
    await source.close()
  }
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
async function* whilePermitted<T>(
  journal: RunJournal,
  pages: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  for await (const page of pages) {
    yield page
    await refuse(journal)
  }
}

async function written<T>(saving: Promise<T>): Promise<T> {
  try {
    return await saving
  } catch (error) {
    throw new JournalError(error)
  }
}

async function writePage(
  destination: DestinationWriter,
  page: SourcePage,
  key: string | null,
): Promise<{
  counts: RunCounts
  taken: readonly DataRecord[]
  refused: QuarantinedRecord[]
  state: Checkpoint['state']
}> {
  const result = await destination.write(page.records)
  const refused = result.refused.flatMap(({ index, code, message }): QuarantinedRecord[] => {
    const record = page.records[index]
    return record === undefined ? [] : [{ key: keyText(record, key), record, code, message }]
  })
  const left = new Set(result.refused.map(({ index }) => index))
  const taken = left.size === 0 ? page.records : page.records.filter((_, index) => !left.has(index))
  const counts = {
    recordsRead: page.records.length,
    recordsWritten: result.written,
    recordsRefused: refused.length,
    pages: 1,
  }
  return { counts, taken, refused, state: result.state }
}

function keyText(record: DataRecord, key: string | null): string | null {
  const value = key === null ? undefined : valueIn(record, key)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}

function addCounts(before: RunCounts, more: RunCounts): RunCounts {
  return {
    recordsRead: before.recordsRead + more.recordsRead,
    recordsWritten: before.recordsWritten + more.recordsWritten,
    recordsRefused: before.recordsRefused + more.recordsRefused,
    pages: before.pages + more.pages,
  }
}

/** A source may wait long for its system. A cancellation or a withdrawn right takes effect without waiting. */
async function watchCancellation(
  request: RunRequest,
  cancelled: AbortController,
  ended: AbortSignal,
): Promise<void> {
  while (!ended.aborted && !cancelled.signal.aborted) {
    try {
      await request.clock.sleep(cancelCheckMs, ended)
      if (await request.journal.cancelling()) cancelled.abort()
      const refusal = await request.journal.refusal()
      if (refusal !== null) cancelled.abort(refusal)
    } catch {
      // The run ended, or the store did not answer: then the saving of progress meets the same fault and reports it.
    }
  }
}

/** What went wrong, in a code and a sentence for a person. An error without a code is ours, and its words are for the log. */
function explainFailure(error: unknown): { code: ErrorCode; message: string } {
  if (error instanceof LatchworkError) return { code: error.code, message: error.message }
  return {
    code: 'internal',
    message: "Something went wrong on our side. The server's log has the details under this run's id.",
  }
}
