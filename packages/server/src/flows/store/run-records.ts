import { LatchworkError } from '@latchwork/contract'
import { type Database, readNow } from '../../database/database.ts'
import { listPage, type Order, type PageOf, type PageQuery } from '../../database/paging.ts'
import { openPlainRecords, type SealedRefused } from './plain-records.ts'

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
    const rows = refused.slice(start, start + rowsAtOnce).map((row) => ({ ...row, runId, at: sql.now }))
    await transaction.insertInto('refusedRecords').values(rows).execute()
  }
}

/** The run has a key. */
export async function saveLast(
  tables: Tables,
  runId: string,
  values: { readonly columns: string } | { readonly records: string },
): Promise<void> {
  await tables
    .insertInto('lastRecords')
    .values({ runId, columns: null, records: null, ...values })
    .onConflict((conflict) => conflict.column('runId').doUpdateSet(values))
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

    /** Null: no records of it are stored. */
    async last(runId: string): Promise<{ columns: string | null; records: string | null } | null> {
      const row = await tables
        .selectFrom('lastRecords')
        .select(['columns', 'records'])
        .where('runId', '=', runId)
        .executeTakeFirst()
      return row ?? null
    },

    /** The run has a key. */
    saveColumns: (runId: string, columns: string): Promise<void> => saveLast(tables, runId, { columns }),

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
        toItems: (rows) => rows.map(({ runId: _runId, ...row }) => row),
      })
    },

    /** The reasons alone, by position, after one. */
    reasons: (
      runId: string,
      position: number,
      limit: number,
    ): Promise<Pick<SealedRefused, 'position' | 'reason'>[]> =>
      tables
        .selectFrom('refusedRecords')
        .select(['position', 'reason'])
        .where('runId', '=', runId)
        .where('position', '>', position)
        .orderBy('position')
        .limit(limit)
        .execute(),

    /** Erases the records of runs that ended longer ago. Their counts stay. */
    async eraseOld(afterMs: number): Promise<void> {
      // The time is a value, since PostgreSQL uses no index for a condition on its clock.
      const endedBy = (await readNow(database)) - afterMs
      for (;;) {
        const old = await oldRuns(tables, endedBy).execute()
        for (const { id } of old) await erase(id)
        if (old.length < runsAtOnce) return
      }
    },
  }
}

/** The stored records of runs, sealed under a key of each run. Erasing them erases the key, too. */
export type RecordStore = ReturnType<typeof openRunRecords>
