import { LatchworkError } from '@latchwork/contract'
import { toTime } from './columns.ts'
import { type Database, readNow } from './database.ts'
import { after, cut, type Order } from './paging.ts'
import { openPlainRecords } from './plain-records.ts'
import type { RecordStore, SealedRefused } from './records-interface.ts'

type Tables = Database['tables']

/** Rows to one insert: both databases limit the values of a statement. */
const rowsAtOnce = 1_000
const runsAtOnce = 100

const inOrder: Order = {
  name: 'position',
  column: 'position',
  id: 'runId',
  holds: 'number',
  direction: 'asc',
}

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

/** Runs that ended by then and of which something is kept: both databases find them in one index. */
export function oldRuns(tables: Tables, endedBy: number) {
  return tables
    .selectFrom('runs')
    .select('id')
    .where((eb) => eb('hasRecords', '=', eb.lit(1)))
    .where('finishedAt', '<=', endedBy)
    .orderBy('finishedAt')
    .limit(runsAtOnce)
}

export function openRunRecords(database: Database): RecordStore {
  const { tables } = database
  const erase = (runId: string): Promise<void> =>
    tables.transaction().execute(async (transaction) => {
      await transaction.updateTable('runs').set({ hasRecords: 0 }).where('id', '=', runId).execute()
      await transaction.deleteFrom('runKeys').where('runId', '=', runId).execute()
    })
  return {
    ...openPlainRecords(database),
    erase,

    async key(runId) {
      const row = await tables
        .selectFrom('runKeys')
        .select('sealed')
        .where('runId', '=', runId)
        .executeTakeFirst()
      return row?.sealed ?? null
    },

    addKey: (runId, sealed) =>
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

    async last(runId) {
      const row = await tables
        .selectFrom('lastRecords')
        .select(['columns', 'records'])
        .where('runId', '=', runId)
        .executeTakeFirst()
      return row ?? null
    },

    saveColumns: (runId, columns) => saveLast(tables, runId, { columns }),

    async refused(runId, { cursor, limit }, positions) {
      let matching = tables.selectFrom('refusedRecords').where('runId', '=', runId)
      if (positions !== null) {
        if (positions.length === 0) return { items: [], nextCursor: null, total: 0 }
        matching = matching.where('position', 'in', positions)
      }
      let page = matching
        .selectAll()
        .orderBy('position')
        .limit(limit + 1)
      if (cursor !== undefined) page = page.where(after(inOrder, cursor))
      const { rows, nextCursor } = cut(inOrder, await page.execute(), limit, (row) => ({
        value: row.position,
        id: runId,
      }))
      const { total } = await matching
        .select((eb) => eb.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow()
      const items = rows.map(({ position, reason, record, at }) => ({
        position,
        reason,
        record,
        at: toTime(at),
      }))
      return { items, nextCursor, total }
    },

    reasons: (runId, position, limit) =>
      tables
        .selectFrom('refusedRecords')
        .select(['position', 'reason'])
        .where('runId', '=', runId)
        .where('position', '>', position)
        .orderBy('position')
        .limit(limit)
        .execute(),

    async eraseOld(afterMs) {
      // The time as a value: PostgreSQL uses no index for a condition on its clock.
      const endedBy = (await readNow(database)) - afterMs
      for (;;) {
        const old = await oldRuns(tables, endedBy).execute()
        for (const { id } of old) await erase(id)
        if (old.length < runsAtOnce) return
      }
    },
  }
}
