import type { Batch, StreamWriter } from '@latchwork/connectors'
import type { WrittenBatch } from './batch.ts'
import type { Checkpoint } from './checkpoint.ts'

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
  existing: NonNullable<Batch['existing']>,
  state: Checkpoint['state'],
): Promise<WrittenBatch> {
  if (writer.sweep === undefined) {
    const message = "Deleted records could not be found by comparison: the destination can't compare."
    return { ...nothing, notices: [{ code: 'deletions_unseen', column: '', count: 1, message }], state }
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
    const { deleted, state: after } = await writer.sweep(keys())
    const counts = { ...nothing.counts, recordsRead: deleted, recordsWritten: deleted }
    return { ...nothing, counts, state: after }
  } catch (error) {
    // A destination may hide why the keys ended.
    throw faults.length === 0 ? error : new SourceFault(faults[0])
  }
}

const nothing = {
  counts: { recordsRead: 0, recordsWritten: 0, recordsRefused: 0, recordsCreated: 0, pages: 0 },
  taken: [],
  refused: [],
  notices: [],
  interrupted: undefined,
} as const
