import type { Batch, StreamWriter, WriteNotice } from '@latchwork/connectors'
import { noCounts, type WrittenBatch } from './batch.ts'
import type { Checkpoint } from './checkpoint.ts'
import { allowsGone, emptiedNotice, goneNotice, heldNotice } from './gone.ts'
import type { ChosenStream, RunCounts } from './run.ts'

/** What a comparison is about. */
interface Compared {
  readonly selection: ChosenStream
  /** What a sentence calls the source. */
  readonly source: string
  readonly state: Checkpoint['state']
}

/** What the source threw while the destination was at work; its cause is what it threw. */
export class SourceFault extends Error {
  constructor(cause: unknown) {
    super('the source failed', { cause })
  }
}

/**
 * Has the destination compare what it holds with what there is.
 * @throws SourceFault where the keys ended in an error; what the writer threw
 */
export async function sweep(
  writer: StreamWriter,
  { position, notices = [], heldPosition = position }: Batch,
  existing: NonNullable<Batch['existing']>,
  { selection, source, state }: Compared,
): Promise<WrittenBatch> {
  const nothing = { ...nothingDone, position, state, notices }
  if (writer.sweep === undefined) {
    const message = "Deleted records could not be found by comparison: the destination can't compare."
    const unseen = { code: 'deletions_unseen', column: '', count: 1, message } as const
    return { ...nothing, notices: [...notices, unseen] }
  }
  const faults: unknown[] = []
  async function* keys(): AsyncGenerator<readonly string[], void, undefined> {
    try {
      yield* existing()
    } catch (error) {
      faults.push(error)
      throw error
    }
  }
  try {
    const { deleted, held, state: after } = await writer.sweep(keys(), allowsGone(selection))
    if (held !== undefined) {
      const withHeld = [...notices, heldNotice(selection, held, source)]
      return { ...nothing, position: heldPosition, notices: withHeld, state: after }
    }
    return { ...nothing, counts: { ...noCounts, recordsDeleted: deleted }, state: after }
  } catch (error) {
    // A destination may hide why the keys ended.
    throw faults.length === 0 ? error : new SourceFault(faults[0])
  }
}

/** Has the destination compare what it holds with what was written since the stream began: with all that there is. */
export async function sweepUnread(
  writer: StreamWriter,
  { selection, source, state }: Compared,
): Promise<Pick<WrittenBatch, 'counts' | 'notices' | 'state'> | null> {
  const swept = await writer.sweep?.(null, allowsGone(selection))
  if (swept === undefined) return null
  const { deleted, held } = swept
  if (held !== undefined) return { counts: noCounts, notices: [heldNotice(selection, held, source)], state }
  if (deleted === 0) return null
  const notices = [goneNotice(selection, deleted, source)]
  return { counts: { ...noCounts, recordsDeleted: deleted }, notices, state: swept.state }
}

/**
 * What is said where a stream that had nothing would replace a whole that has many records, which is left as it is then;
 * null where it may.
 */
export async function heldWhole(
  writer: StreamWriter,
  { recordsWritten }: Pick<RunCounts, 'recordsWritten'>,
  { selection, source }: Omit<Compared, 'state'>,
): Promise<WriteNotice | null> {
  if (recordsWritten > 0 || writer.replaces === undefined) return null
  const known = await writer.replaces()
  return allowsGone(selection)({ gone: known, known }) ? null : emptiedNotice(selection, known, source)
}

const nothingDone = { counts: noCounts, taken: [], refused: [], interrupted: undefined } as const
