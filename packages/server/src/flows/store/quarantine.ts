import type { Database } from '../../database/database.ts'
import type { SealedRefused } from './plain-records.ts'
import { unfinished } from './run-row.ts'

type Tables = Database['tables']

/** Positions to one statement: both databases limit its values. */
const positionsAtOnce = 1_000

/** A page of a replay that the destination has acknowledged. */
export interface ReplayedPage {
  /** The run whose quarantine is written. */
  readonly runId: string
  readonly stream: string
  /** Of the last record of the page. */
  readonly upTo: number
  /** Those that were refused again, with the new reason, sealed. */
  readonly refused: readonly { readonly position: number; readonly reason: string }[]
}

/** What was written leaves the quarantine; what was refused again stays in it with its new reason. */
export async function saveReplayed(
  { sql }: Database,
  transaction: Tables,
  replayRunId: string,
  { runId, stream, upTo, refused }: ReplayedPage,
): Promise<void> {
  for (const { position, reason } of refused) {
    await transaction
      .updateTable('refusedRecords')
      .set({ reason, at: sql.now, replayRunId: null })
      .where('runId', '=', runId)
      .where('position', '=', position)
      .where('replayRunId', '=', replayRunId)
      .execute()
  }
  await transaction
    .deleteFrom('refusedRecords')
    .where('runId', '=', runId)
    .where('replayRunId', '=', replayRunId)
    .where('stream', '=', stream)
    .where('position', '<=', upTo)
    .execute()
}

/** Refused records that are put right, written again or dropped. */
export function openQuarantine({ tables }: Database) {
  return {
    /**
     * Chooses records for a replay, of those that are kept whole.
     * @param positions null: all
     * @returns how many
     */
    async chooseForReplay(
      runId: string,
      replayRunId: string,
      positions: readonly number[] | null,
    ): Promise<number> {
      let chosen = 0
      for (const part of parts(positions)) {
        let query = tables
          .updateTable('refusedRecords')
          .set({ replayRunId })
          .where('runId', '=', runId)
          .where('whole', '=', 1)
        if (part !== null) query = query.where('position', 'in', part)
        chosen += Number((await query.executeTakeFirst()).numUpdatedRows)
      }
      return chosen
    },

    /**
     * The streams of refused records, by the first record of each.
     * @param replayRunId only of those that this replay has yet to write; left out: of all
     */
    async streamsOfRefused(runId: string, replayRunId?: string): Promise<string[]> {
      const rows = await tables
        .selectFrom('refusedRecords')
        .select('stream')
        .where('runId', '=', runId)
        .$if(replayRunId !== undefined, (some) => some.where('replayRunId', '=', replayRunId ?? ''))
        .groupBy('stream')
        .orderBy((eb) => eb.fn.min('position'))
        .execute()
      return rows.map(({ stream }) => stream)
    },

    /** Records of a stream that a replay has yet to write, by position, after one. */
    forReplay: (
      runId: string,
      replayRunId: string,
      stream: string,
      position: number,
      limit: number,
    ): Promise<SealedRefused[]> =>
      tables
        .selectFrom('refusedRecords')
        .select(['position', 'stream', 'reason', 'record', 'whole'])
        .where('runId', '=', runId)
        .where('replayRunId', '=', replayRunId)
        .where('stream', '=', stream)
        .where('position', '>', position)
        .orderBy('position')
        .limit(limit)
        .execute(),

    /** One that turns out to be unreadable is not chosen again. */
    async leaveOut(runId: string, position: number): Promise<void> {
      await tables
        .updateTable('refusedRecords')
        .set({ whole: 0, replayRunId: null })
        .where('runId', '=', runId)
        .where('position', '=', position)
        .execute()
    },

    async one(runId: string, position: number): Promise<(SealedRefused & { readonly at: number }) | null> {
      const row = await tables
        .selectFrom('refusedRecords')
        .select(['position', 'stream', 'reason', 'record', 'whole', 'at'])
        .where('runId', '=', runId)
        .where('position', '=', position)
        .executeTakeFirst()
      return row ?? null
    },

    /** @param record sealed */
    async replaceRecord(runId: string, position: number, record: string): Promise<void> {
      await tables
        .updateTable('refusedRecords')
        .set({ record })
        .where('runId', '=', runId)
        .where('position', '=', position)
        .execute()
    },

    /** @param reason sealed */
    async replaceReason(runId: string, position: number, reason: string): Promise<void> {
      await tables
        .updateTable('refusedRecords')
        .set({ reason })
        .where('runId', '=', runId)
        .where('position', '=', position)
        .execute()
    },

    /** @param positions null: all @returns how many */
    async drop(runId: string, positions: readonly number[] | null): Promise<number> {
      let dropped = 0
      for (const part of parts(positions)) {
        let query = tables.deleteFrom('refusedRecords').where('runId', '=', runId)
        if (part !== null) query = query.where('position', 'in', part)
        dropped += Number((await query.executeTakeFirst()).numDeletedRows)
      }
      return dropped
    },

    /** Whether a run is under way that writes this quarantine. */
    async isReplayed(runId: string): Promise<boolean> {
      const row = await tables
        .selectFrom('runs')
        .select('id')
        .where('replayOf', '=', runId)
        .where('status', 'in', unfinished)
        .executeTakeFirst()
      return row !== undefined
    },
  }
}

function* parts(positions: readonly number[] | null): Generator<readonly number[] | null> {
  if (positions === null) return yield null
  for (let start = 0; start < positions.length; start += positionsAtOnce) {
    yield positions.slice(start, start + positionsAtOnce)
  }
}
