import { LatchworkError } from '@latchwork/contract'
import { type Database, readNow } from '../../database/database.ts'
import { listPage, type Order, type PageOf, type PageQuery } from '../../database/paging.ts'
import type { KeepSettings } from '../../settings/settings.ts'
import { type HeldRun, whileHeld } from './held.ts'
import { openPlainRecords, type SealedRefused } from './plain-records.ts'
import { openQuarantine } from './quarantine.ts'

type Tables = Database['tables']

/** Rows in one insert: both databases limit the values of a statement. */
const rowsAtOnce = 1_000
const runsAtOnce = 100

const inOrder = {
  name: 'position',
  column: 'position',
  id: 'runId',
  holds: 'number',
  direction: 'asc',
} as const satisfies Order

/** The run has a key. */
export async function saveRefused(
  { sql }: Database,
  transaction: Tables,
  runId: string,
  refused: readonly SealedRefused[],
): Promise<void> {
  for (let start = 0; start < refused.length; start += rowsAtOnce) {
    const rows = refused.slice(start, start + rowsAtOnce).map((row) => ({
      ...row,
      runId,
      at: sql.now,
      whole: row.whole ?? 0,
      replayRunId: null,
    }))
    await transaction.insertInto('refusedRecords').values(rows).execute()
  }
}

/** The run has a key. */
export async function saveLast(
  tables: Tables,
  runId: string,
  stream: string,
  values: { readonly columns: string } | { readonly records: string },
): Promise<void> {
  await tables
    .insertInto('lastRecords')
    .values({ runId, stream, columns: null, records: null, ...values })
    .onConflict((conflict) => conflict.columns(['runId', 'stream']).doUpdateSet(values))
    .execute()
}

/** Runs that ended by then and have stored records: both databases find them in one index. */
export function oldRuns(tables: Tables, endedBy: number) {
  return tables
    .selectFrom('runs')
    .select('id')
    .where((eb) => eb('hasRecords', '=', eb.lit(1)))
    .where('finishedAt', '<=', endedBy)
    .orderBy('finishedAt')
    .limit(runsAtOnce)
}

export function openRunRecords(database: Database) {
  const { tables } = database
  const erase = (runId: string): Promise<void> =>
    tables.transaction().execute(async (transaction) => {
      await transaction.updateTable('runs').set({ hasRecords: 0 }).where('id', '=', runId).execute()
      await transaction.deleteFrom('runKeys').where('runId', '=', runId).execute()
    })
  return {
    ...openPlainRecords(database),
    ...openQuarantine(database),
    erase,

    /** The run's key, itself sealed; null if no records of it are stored. */
    async key(runId: string): Promise<string | null> {
      const row = await tables
        .selectFrom('runKeys')
        .select('sealed')
        .where('runId', '=', runId)
        .executeTakeFirst()
      return row?.sealed ?? null
    },

    /** Gives the run this key unless it has one. Returns the key that it has. @throws LatchworkError `run_not_found` */
    addKey: (runId: string, sealed: string): Promise<string> =>
      tables.transaction().execute(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('runs')
          .set({ hasRecords: 1 })
          .where('id', '=', runId)
          .executeTakeFirst()
        if (numUpdatedRows === 0n) throw new LatchworkError('run_not_found')
        await transaction
          .insertInto('runKeys')
          .values({ runId, sealed })
          .onConflict((conflict) => conflict.column('runId').doNothing())
          .execute()
        const row = await transaction
          .selectFrom('runKeys')
          .select('sealed')
          .where('runId', '=', runId)
          .executeTakeFirstOrThrow()
        return row.sealed
      }),

    /** By stream. A run of an earlier version has one, without a name. */
    last: (runId: string): Promise<{ stream: string; columns: string | null; records: string | null }[]> =>
      tables
        .selectFrom('lastRecords')
        .leftJoin('runStreams', (join) =>
          join
            .onRef('runStreams.runId', '=', 'lastRecords.runId')
            .onRef('runStreams.stream', '=', 'lastRecords.stream'),
        )
        .select(['lastRecords.stream', 'lastRecords.columns', 'lastRecords.records'])
        .where('lastRecords.runId', '=', runId)
        .orderBy('runStreams.position')
        .orderBy('lastRecords.stream')
        .execute(),

    /** The run has a key. @throws RunTaken */
    saveColumns: (run: HeldRun, stream: string, columns: string): Promise<void> =>
      whileHeld(database, run, (transaction) => saveLast(transaction, run.id, stream, { columns })),

    /** @param positions only these; null: all */
    async refused(
      runId: string,
      query: Pick<PageQuery, 'cursor' | 'limit'>,
      positions: readonly number[] | null,
    ): Promise<PageOf<SealedRefused & { readonly at: number }>> {
      if (positions?.length === 0) return { items: [], nextCursor: null, total: 0 }
      let matching = tables.selectFrom('refusedRecords').where('runId', '=', runId)
      if (positions !== null) matching = matching.where('position', 'in', positions)
      return listPage(matching, {
        query,
        order: inOrder,
        where: [],
        view: (rows) => rows.selectAll(),
        toItems: (rows) => rows.map(({ runId: _runId, replayRunId: _replayRunId, ...row }) => row),
      })
    },

    /** The reasons alone, by position, after one. */
    reasons: (
      runId: string,
      position: number,
      limit: number,
    ): Promise<Pick<SealedRefused, 'position' | 'stream' | 'reason' | 'whole'>[]> =>
      tables
        .selectFrom('refusedRecords')
        .select(['position', 'stream', 'reason', 'whole'])
        .where('runId', '=', runId)
        .where('position', '>', position)
        .orderBy('position')
        .limit(limit)
        .execute(),

    /**
     * Erases what is kept of the records of runs that ended longer ago. Their numbers stay.
     * @returns of how many runs something was erased
     */
    async eraseOld({
      samplesMs,
      quarantineMs,
    }: Pick<KeepSettings, 'samplesMs' | 'quarantineMs'>): Promise<number> {
      // The time as a value: PostgreSQL uses no index for a condition on its clock.
      const now = await readNow(database)
      let erased = 0
      for (;;) {
        const old = await oldRuns(tables, now - Math.max(samplesMs, quarantineMs)).execute()
        for (const { id } of old) await erase(id)
        erased += old.length
        if (old.length < runsAtOnce) break
      }
      const endedBy = (afterMs: number) =>
        tables
          .selectFrom('runs')
          .select('id')
          .where('hasRecords', '=', 1)
          .where('finishedAt', '<=', now - afterMs)
      if (samplesMs < quarantineMs) {
        const { numUpdatedRows } = await tables
          .updateTable('lastRecords')
          .set({ records: null })
          .where('records', 'is not', null)
          .where('runId', 'in', endedBy(samplesMs))
          .executeTakeFirst()
        erased += Number(numUpdatedRows)
      } else if (quarantineMs < samplesMs) {
        const gone = await tables
          .deleteFrom('refusedRecords')
          .where('runId', 'in', endedBy(quarantineMs))
          .returning('runId')
          .execute()
        erased += new Set(gone.map(({ runId }) => runId)).size
      }
      return erased
    },

    /**
     * Erases the last records of the runs of the same flow before this one. Of those with a quarantine the columns stay,
     * which a replay reads by.
     */
    async eraseEarlierSamples(runId: string): Promise<void> {
      const earlier = await tables
        .selectFrom('runs')
        .innerJoin('runs as this', 'this.flowId', 'runs.flowId')
        .select('runs.id')
        .where('this.id', '=', runId)
        .where('runs.id', '<>', runId)
        .where('runs.hasRecords', '=', 1)
        .execute()
      for (const { id } of earlier) {
        const refused = await tables
          .selectFrom('refusedRecords')
          .select('position')
          .where('runId', '=', id)
          .limit(1)
          .executeTakeFirst()
        if (refused === undefined) await erase(id)
        else await tables.updateTable('lastRecords').set({ records: null }).where('runId', '=', id).execute()
      }
    },

    /** Erases runs that ended longer ago, but for the last of each flow. @returns how many */
    async eraseRuns(afterMs: number): Promise<number> {
      const endedBy = (await readNow(database)) - afterMs
      for (let erased = 0; ; ) {
        const old = await tables
          .selectFrom('runs')
          .select('id')
          .where('finishedAt', '<=', endedBy)
          .where((eb) =>
            eb.exists(
              eb
                .selectFrom('runs as later')
                .select('later.id')
                .whereRef('later.flowId', '=', 'runs.flowId')
                .whereRef('later.createdAt', '>', 'runs.createdAt'),
            ),
          )
          .limit(runsAtOnce)
          .execute()
        const ids = old.map(({ id }) => id)
        if (ids.length > 0) await tables.deleteFrom('runs').where('id', 'in', ids).execute()
        erased += ids.length
        if (ids.length < runsAtOnce) return erased
      }
    },
  }
}

/** The stored records of runs, sealed under a key of each run. Erasing them erases the key, too. */
export type RecordStore = ReturnType<typeof openRunRecords>
