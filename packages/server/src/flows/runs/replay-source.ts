import { type Json, readCheckpointPart, type Selection, type Source } from '@latchwork/connectors'
import { recordSchema } from '@latchwork/contract'
import { z } from 'zod'
import type { RunRow } from '../store/run-row.ts'
import type { RetainedRecords } from './retained-records.ts'

const recordsAtOnce = 100

const positionSchema = z.strictObject({ after: z.int().nonnegative() })

/** What a replay reads. */
export const replaySelection: Selection = { stream: 'replayed', mode: 'full', columns: [], parameters: {} }

/** The records of a run's quarantine that were chosen for a replay, as a source. */
export function replaySource(
  records: Pick<RetainedRecords, 'forReplay' | 'last'>,
  replayOf: string,
  { id: runId, recordsExpected }: Pick<RunRow, 'id' | 'recordsExpected'>,
): Source {
  return {
    streams: async () => [],
    open: async () => {
      const { columns, key } = await records.last(replayOf)
      return {
        columns,
        key,
        ordered: true,
        excerpt: true,
        count: async () => recordsExpected,
        batches: async function* (position) {
          for (let after = position === null ? 0 : lastReplayed(position); ; ) {
            const page = await records.forReplay(replayOf, runId, after, recordsAtOnce)
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
