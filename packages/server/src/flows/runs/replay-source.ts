import { type Json, readCheckpointPart, type Source } from '@latchwork/connectors'
import { recordSchema } from '@latchwork/contract'
import { z } from 'zod'
import type { HeldStream } from '../../database/stream-tables.ts'
import type { RecordStore } from '../store/run-records.ts'
import type { RunStore } from '../store/runs.ts'
import type { RetainedRecords } from './retained-records.ts'

const recordsAtOnce = 100

const positionSchema = z.strictObject({ after: z.int().nonnegative() })

/** The stream of records of a run of an earlier version, whose only stream had no name. */
const unnamed = 'replayed'

/**
 * What a replay reads: the streams of the records that were chosen, each into the place that it had in their run. Nothing
 * is missing from a source that has a part of the records only.
 */
export async function replayedStreams(
  { records, runs }: ReplayStores,
  runId: string,
  replayOf: string,
): Promise<readonly HeldStream[]> {
  const before = (await runs.heldStreams(replayOf)) ?? []
  return (await records.streamsOfRefused(replayOf, runId)).map((stream): HeldStream => {
    const { label = '', target = null, lists } = before.find((each) => each.stream === stream) ?? {}
    return {
      ...{
        stream: stream === '' ? unnamed : stream,
        label,
        target,
        mode: 'full',
        columns: [],
        parameters: {},
      },
      ...{ deletions: 'leave', ...(lists && { lists }), skippable: false },
    }
  })
}

/** The stream as it is kept. */
export function storedStream(stream: string): string {
  return stream === unnamed ? '' : stream
}

interface ReplayStores {
  readonly records: Pick<RecordStore, 'streamsOfRefused'>
  readonly runs: Pick<RunStore, 'heldStreams'>
}

/** The records of a run's quarantine that were chosen for a replay, as a source. */
export function replaySource(
  records: Pick<RetainedRecords, 'forReplay' | 'last'>,
  replayOf: string,
  runId: string,
): Source {
  return {
    streams: async () => [],
    open: async ({ stream: name }) => {
      const stream = storedStream(name)
      const { columns, key } = await records.last(replayOf, stream)
      return {
        columns,
        key,
        ordered: true,
        excerpt: true,
        count: async () => null,
        batches: async function* (position) {
          for (let after = position === null ? 0 : lastReplayed(position); ; ) {
            const page = await records.forReplay(replayOf, runId, stream, after, recordsAtOnce)
            const last = page.at(-1)
            if (last === undefined) return
            after = last.position
            yield {
              records: page.map(({ record }) => recordSchema.parse(record)),
              position: { after },
              replayed: page.map(({ position: at, code, entry }) => ({
                id: idOf(replayOf, at),
                // Of one that an earlier version refused nobody knows the entry.
                entry: entry ?? (code === 'record_in_doubt' ? '' : null),
              })),
            }
          }
        },
        close: async () => undefined,
      }
    },
    close: async () => undefined,
  }
}

/** Of the last record of the page that a replay's position stands behind. */
export function lastReplayed(position: Json): number {
  return position === null ? 0 : readCheckpointPart(positionSchema, position).after
}

/** The same in every replay of a record, so that a destination knows one that it has written already. */
function idOf(runId: string, position: number): string {
  return `${runId}:${position}`
}

/** Where a record stands in its quarantine. */
export function placeOf(id: string | null): number {
  return Number(id?.split(':').at(-1) ?? 0)
}
