import { z } from 'zod'
import { readJson, storable, toTime } from './columns.ts'
import type { Database } from './database.ts'
import { matches, searchable } from './folding.ts'
import type { RunStore } from './interfaces.ts'
import { after, cut, type Order } from './paging.ts'

type Tables = Database['tables']
type Refused = Parameters<RunStore['saveProgress']>[2]

/** Refused records that are kept of a run; the others are counted. */
const refusedKept = 10_000
/** Rows to one insert: both databases limit the values of a statement. */
const rowsAtOnce = 1_000

const inOrder: Order = {
  name: 'position',
  column: 'position',
  id: 'runId',
  holds: 'number',
  direction: 'asc',
}

/** The caller holds a lock on the run, so that no other counts the positions at the same time. */
export async function saveRefused(
  { sql }: Database,
  transaction: Tables,
  runId: string,
  refused: Refused,
): Promise<void> {
  if (refused.length === 0) return
  const { last } = await transaction
    .selectFrom('quarantine')
    .select((eb) => eb.fn.max('position').as('last'))
    .where('runId', '=', runId)
    .executeTakeFirstOrThrow()
  const kept = refused.slice(0, Math.max(0, refusedKept - (last ?? 0)))
  for (let start = 0; start < kept.length; start += rowsAtOnce) {
    const rows = kept.slice(start, start + rowsAtOnce).map(({ key, record, code, message }, index) => ({
      runId,
      position: (last ?? 0) + start + index + 1,
      recordKey: key === null ? null : storable(key),
      record: JSON.stringify(record ?? null),
      code,
      message: storable(message),
      searchText: searchable(storable(`${key ?? ''} ${code} ${message}`)),
      at: sql.now,
    }))
    await transaction.insertInto('quarantine').values(rows).execute()
  }
}

export async function saveLastRecords(
  transaction: Tables,
  runId: string,
  records: readonly unknown[],
): Promise<void> {
  const text = JSON.stringify(records)
  await transaction
    .insertInto('runSamples')
    .values({ runId, columns: 'null', records: text })
    .onConflict((conflict) => conflict.column('runId').doUpdateSet({ records: text }))
    .execute()
}

export function openRunRecords({
  sql,
  tables,
}: Database): Pick<RunStore, 'lastRecords' | 'saveColumns' | 'quarantine' | 'eraseRecords'> {
  return {
    async lastRecords(id) {
      const row = await tables.selectFrom('runSamples').selectAll().where('runId', '=', id).executeTakeFirst()
      if (row === undefined) return { columns: null, records: [] }
      return {
        columns: readJson(row.columns, z.unknown(), 'run_samples.columns'),
        records: readJson(row.records, z.array(z.unknown()), 'run_samples.records'),
      }
    },

    async saveColumns(id, columns) {
      const text = JSON.stringify(columns ?? null)
      await tables
        .insertInto('runSamples')
        .values({ runId: id, columns: text, records: '[]' })
        .onConflict((conflict) => conflict.column('runId').doUpdateSet({ columns: text }))
        .execute()
    },

    async eraseRecords(afterMs) {
      for (const table of ['quarantine', 'runSamples'] as const) {
        await tables
          .deleteFrom(table)
          .where('runId', 'in', (eb) =>
            eb
              .selectFrom('runs')
              .select('runs.id')
              .where('runs.finishedAt', '<=', (each) => each(sql.now, '-', afterMs)),
          )
          .execute()
      }
    },

    async quarantine(id, query) {
      let matching = tables.selectFrom('quarantine').where('runId', '=', id)
      const words = matches(query.query, ['searchText'])
      if (words !== null) matching = matching.where(words)
      let page = matching
        .selectAll()
        .orderBy('position')
        .limit(query.limit + 1)
      if (query.cursor !== undefined) page = page.where(after(inOrder, query.cursor))
      const { rows, nextCursor } = cut(inOrder, await page.execute(), query.limit, (row) => ({
        value: row.position,
        id,
      }))
      const { total } = await matching
        .select((eb) => eb.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow()
      const items = rows.map((row) => ({
        id: String(row.position),
        key: row.recordKey,
        record: readJson(row.record, z.unknown(), 'quarantine.record'),
        code: row.code,
        message: row.message,
        at: toTime(row.at),
      }))
      return { items, nextCursor, total }
    },
  }
}
