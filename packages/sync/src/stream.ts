import type { Batch, Destination, Source, StreamReader, StreamWriter } from '@latchwork/connectors'
import { type DataRecord, LatchworkError, statusAtEnd } from '@latchwork/contract'
import { addCounts, addNotices, countsOfPart, joinBatches, writeBatch } from './batch.ts'
import { type Checkpoint, readCheckpoint } from './checkpoint.ts'
import { isHeldBack, isWhole } from './gone.ts'
import { readAhead } from './read-ahead.ts'
import {
  type ChosenStream,
  JournalError,
  type QuarantinedRecord,
  type RunCounts,
  type RunJournal,
  type RunRequest,
  RunTaken,
  type StreamEnd,
  type StreamProgress,
} from './run.ts'
import type { InUse, SharedSide } from './sides.ts'
import { heldWhole, SourceFault, sweep, sweepUnread } from './sweep.ts'

/** How many of the last records a stream stores for the run's page, and how often it saves them. */
const sampleSize = 50
const lastRecordsEveryMs = 1000

type Progress = StreamProgress & { readonly checkpoint: Checkpoint }

/** What all streams of a run have in common. */
export interface RunParts {
  readonly request: RunRequest
  readonly source: SharedSide<Source>
  readonly destination: SharedSide<Destination>
  /** Aborts when the run must end or be left. */
  readonly signal: AbortSignal
  readonly cancelled: AbortController
  /** Aborts when the run must be left as it is. */
  readonly leaving: AbortSignal
}

/** What one stretch of a stream has open, and what it hands to the next one. */
export interface Stretch {
  readonly run: RunParts
  /** All that the run moves. */
  readonly beside: readonly ChosenStream[]
  readonly selection: ChosenStream
  /** The newest of the records that were taken, over all stretches; null before the first. */
  lastRecords: readonly DataRecord[] | null
  source: InUse<Source> | null
  reader: StreamReader | null
  destination: InUse<Destination> | null
  writer: StreamWriter | null
  /** Which side the last failure came from. */
  culprit: 'source' | 'destination'
  /** Told whenever something was saved. */
  moved(): void
}

/** Moves a stream from where the run stands to its end. What is opened is left to be closed by the caller. */
export async function moveStream(stretch: Stretch): Promise<StreamEnd> {
  const { run, selection } = stretch
  const { request, signal, cancelled } = run
  const { journal } = request
  const { stream } = selection
  // A source may wait long for its next batch. A failed stream does not wait for it.
  const failed = new AbortController()
  await refuse(journal)
  const begun = await written(journal.begin(stream))
  if (begun.end !== null) return begun.end
  stretch.lastRecords ??= begun.lastRecords
  let progress: Progress = {
    ...begun,
    checkpoint: readCheckpoint(begun.checkpoint, goesOn(selection) ? begun.state : null),
  }
  const reader = await from(stretch, 'source', async () => {
    stretch.source = await run.source.use()
    return stretch.source.side.open(selection, 'run', AbortSignal.any([signal, failed.signal]))
  })
  stretch.reader = reader
  const { columns, key, ordered } = reader
  if (selection.range !== undefined && reader.excerpt !== true)
    throw new LatchworkError('backfill_unsupported')
  const expected = await from(stretch, 'source', () => reader.count(progress.checkpoint.position))
  const planned = await written(journal.opened(stream, columns, expected, key))
  let lastSavedMs = 0
  const save = async (next: Progress, refused: readonly QuarantinedRecord[]): Promise<void> => {
    const nowMs = request.clock.now()
    const due = next.checkpoint.complete || nowMs - lastSavedMs >= lastRecordsEveryMs
    const last = due ? (stretch.lastRecords ?? []) : []
    const { cancelling } = await written(journal.save(stream, next, refused, last))
    if (due) lastSavedMs = nowMs
    progress = next
    stretch.moved()
    if (cancelling) cancelled.abort()
    signal.throwIfAborted()
  }
  // Told before anything else can end the run: the next one does not find them again.
  if (planned.notices.length > 0) {
    await save({ ...progress, notices: addNotices(progress.notices, planned.notices) }, [])
  }
  if (planned.held !== null) throw planned.held
  const resume = progress.checkpoint.state
  const { target = null, deletions = 'leave', label = '', lists } = selection
  const writer = await from(stretch, 'destination', async () => {
    stretch.destination = await run.destination.use()
    const others = stretch.beside.map((each) => ({ stream: each.stream, target: each.target ?? null }))
    return stretch.destination.side.open(
      {
        ...{ stream, target, deletions, columns: planned.columns, key, ordered, resume },
        ...(label !== '' && { label }),
        ...(lists && { lists }),
        ...(others.length > 1 && { beside: others }),
        changes: selection.range !== undefined || (selection.mode === 'incremental' && begun.state !== null),
      },
      signal,
    )
  })
  stretch.writer = writer
  const { source: sourceName } = request.names
  const deliver = (batch: Batch, state: Checkpoint['state']) => {
    if (deletions === 'leave') return writeBatch(writer, { ...batch, deleted: [] }, key, state)
    return batch.existing === undefined
      ? writeBatch(writer, batch, key, state)
      : sweep(writer, batch, batch.existing, { selection, source: sourceName, state })
  }
  const take = async (batch: Batch): Promise<void> => {
    signal.throwIfAborted()
    await refuse(journal)
    const { checkpoint } = progress
    const result = await from(stretch, 'destination', () => deliver(batch, checkpoint.state))
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
    stretch.lastRecords = [...(stretch.lastRecords ?? []), ...result.taken.slice(-sampleSize)].slice(
      -sampleSize,
    )
    const next = { position: result.position, state: result.state, complete: false, part: null }
    const saved = { ...addCounts(before, result.counts), notices: addNotices(notices, result.notices) }
    await save({ ...saved, checkpoint: next }, result.refused)
  }

  // What the destination made of its state when it was opened stands before anything is added to it.
  const { state } = writer
  if (state !== undefined) await save({ ...progress, checkpoint: { ...progress.checkpoint, state } }, [])
  if (!progress.checkpoint.complete) {
    const { position } = progress.checkpoint
    const join = writer.takesMany === true ? joinBatches : undefined
    const batches = readAhead(permitted(stretch, reader.batches(position)), join)
    for await (const batch of batches) {
      await take(batch).catch((error: unknown) => {
        failed.abort(error)
        throw error
      })
    }
    signal.throwIfAborted()
    await save({ ...progress, checkpoint: { ...progress.checkpoint, complete: true } }, [])
  }
  await refuse(journal)
  if (isWhole(selection, reader, progress)) {
    const compared = { selection, source: sourceName, state: progress.checkpoint.state }
    const swept = await from(stretch, 'destination', () => sweepUnread(writer, compared))
    if (swept !== null) {
      const counts = addCounts(progress, swept.counts)
      const checkpoint = { ...progress.checkpoint, state: swept.state }
      await save({ ...counts, notices: addNotices(progress.notices, swept.notices), checkpoint }, [])
    }
  }
  const reached = statusAtEnd(progress)
  if (reached === 'failed') throw nothingWritten(progress)
  const held = await from(stretch, 'destination', () =>
    heldWhole(writer, progress, { selection, source: sourceName }),
  )
  if (held !== null && !isHeldBack(progress))
    await save({ ...progress, notices: addNotices(progress.notices, [held]) }, [])
  const status = isHeldBack(progress) ? 'partial' : reached
  const finish = () => (held === null ? writer.finish() : Promise.resolve(null))
  const end: StreamEnd = { status, output: await from(stretch, 'destination', finish) }
  const left = goesOn(selection) ? progress.checkpoint.position : null
  await written(journal.ended(stream, end, left))
  if (held !== null) await from(stretch, 'destination', () => writer.abort())
  return end
}

/** A full run begins at the start, whatever an earlier one has left; so does the reading of a range, which leaves nothing. */
function goesOn({ mode, range }: ChosenStream): boolean {
  return mode === 'incremental' && range === undefined
}

/** Notes the side on which work failed. */
async function from<T>(stretch: Stretch, side: Stretch['culprit'], work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    stretch.culprit = error instanceof SourceFault ? 'source' : side
    throw error instanceof SourceFault ? error.cause : error
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
export async function refuse(journal: RunJournal): Promise<void> {
  const refusal = await written(journal.refusal())
  if (refusal !== null) throw refusal
}

/** Asks before each batch that is read. */
async function* permitted<T>(
  stretch: Stretch,
  batches: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const items = batches[Symbol.asyncIterator]()
  try {
    for (;;) {
      const item = await from(stretch, 'source', () => items.next())
      if (item.done === true) return
      yield item.value
      await refuse(stretch.run.request.journal)
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
