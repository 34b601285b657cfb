import type { PassHour } from '@latchwork/contract'
import { sql as sqlText } from 'kysely'
import type { NewOf, RowOf } from '../../database/codec.ts'
import { toTime } from '../../database/columns.ts'
import type { Database } from '../../database/database.ts'
import { insertMany } from '../../database/many-rows.ts'
import { type Order, readPage } from '../../database/paging.ts'
import { passCall } from '../../database/pass-tables.ts'

export type CallRow = RowOf<typeof passCall>

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

const newestFirst = {
  name: 'calls',
  column: 'at',
  id: 'id',
  holds: 'number',
  direction: 'desc',
} as const satisfies Order

/** Rows in one insert: SQLite limits the values of a statement. */
const rowsAtOnce = 500
/** Erased in one statement, so that nobody waits long for it. */
const erasedAtOnce = 5000

export function openCallStore(database: Database) {
  const { sql, tables } = database
  return {
    /** Stores calls, and counts them, in one transaction. Those of a pass that is gone are left out. */
    async record(calls: readonly NewOf<typeof passCall>[]): Promise<void> {
      await tables.transaction().execute(async (transaction) => {
        const ids = [...new Set(calls.map(({ passId }) => passId))]
        const rows = await transaction
          .selectFrom('passes')
          .select('id')
          .where('id', 'in', ids)
          .modifyEnd(sql.forShare)
          .execute()
        const there = new Set(rows.map(({ id }) => id))
        const present = calls.filter(({ passId }) => there.has(passId))
        for (let start = 0; start < present.length; start += rowsAtOnce) {
          const values = present.slice(start, start + rowsAtOnce).map(passCall.toColumns)
          await insertMany(transaction, sql, values, (row) => transaction.insertInto('passCalls').values(row))
        }
        const hours = [...hoursOf(present)].sort((a, b) => a.passId.localeCompare(b.passId) || a.at - b.at)
        for (const hour of hours) {
          await transaction
            .insertInto('passHours')
            .values(hour)
            .onConflict((conflict) =>
              conflict.columns(['passId', 'at']).doUpdateSet((eb) => ({
                calls: eb('passHours.calls', '+', hour.calls),
                denied: eb('passHours.denied', '+', hour.denied),
                failed: eb('passHours.failed', '+', hour.failed),
              })),
            )
            .execute()
        }
      })
    },

    /** The calls of a pass, the newest first. */
    list(
      passId: string,
      query: {
        readonly limit: number
        readonly cursor?: string | undefined
        readonly decision?: CallRow['decision'] | undefined
      },
    ): Promise<{ items: CallRow[]; nextCursor: string | null }> {
      let rows = tables.selectFrom('passCalls').selectAll().where('passId', '=', passId)
      if (query.decision !== undefined) rows = rows.where('decision', '=', query.decision)
      return readPage(rows, { query, order: newestFirst, toItems: (found) => found.map(passCall.toRow) })
    },

    /** Calls by hour since a time, oldest first, by pass. */
    async hours(passIds: readonly string[], sinceMs: number): Promise<ReadonlyMap<string, PassHour[]>> {
      if (passIds.length === 0) return new Map()
      const rows = await tables
        .selectFrom('passHours')
        .selectAll()
        .where('passId', 'in', passIds)
        .where('at', '>=', sinceMs)
        .orderBy('at')
        .execute()
      const shown = rows.map(({ passId, at, calls, denied, failed }) => ({
        passId,
        hour: {
          at: toTime(Number(at)),
          calls: Number(calls),
          denied: Number(denied),
          failed: Number(failed),
        },
      }))
      const grouped = Map.groupBy(shown, ({ passId }) => passId)
      return new Map([...grouped].map(([passId, group]) => [passId, group.map(({ hour }) => hour)]))
    },

    /**
     * Takes from a limit of a pass, in all processes together.
     * @param lengthMs of the window that the limit is for
     * @param wanted how much at once; less is given if less is left
     * @returns how much was taken, how much the window then has left, and when the next one begins
     */
    async take(
      passId: string,
      lengthMs: number,
      most: number,
      wanted: number,
    ): Promise<{ taken: number; left: number; endsInMs: number }> {
      return tables.transaction().execute(async (transaction) => {
        const now = sqlText<number>`${sql.now}`
        const present = await transaction
          .insertInto('passWindows')
          .values({ passId, lengthMs, beganAt: 0, taken: 0 })
          .onConflict((conflict) =>
            conflict
              .columns(['passId', 'lengthMs'])
              .doUpdateSet((eb) => ({ taken: eb.ref('passWindows.taken') })),
          )
          .returning(['beganAt', 'taken', now.as('now')])
          .executeTakeFirstOrThrow()
        const nowMs = Number(present.now)
        const beganAt = nowMs - (nowMs % lengthMs)
        // A clock that was set back goes on with the window that there is.
        const isNew = beganAt > Number(present.beganAt)
        const before = isNew ? 0 : Number(present.taken)
        const taken = Math.max(0, Math.min(wanted, most - before))
        const begun = isNew ? beganAt : Number(present.beganAt)
        if (taken > 0 || isNew) {
          await transaction
            .updateTable('passWindows')
            .set({ beganAt: begun, taken: before + taken })
            .where('passId', '=', passId)
            .where('lengthMs', '=', lengthMs)
            .execute()
        }
        const left = Math.max(0, most - before - taken)
        return { taken, left, endsInMs: Math.max(1, begun + lengthMs - nowMs) }
      })
    },

    /** What was taken of a limit in its present window. */
    async taken(passId: string, lengthMs: number): Promise<number> {
      const row = await tables
        .selectFrom('passWindows')
        .select((eb) => ['taken', eb(eb('beganAt', '+', lengthMs), '>', sql.now).as('isOpen')])
        .where('passId', '=', passId)
        .where('lengthMs', '=', lengthMs)
        .executeTakeFirst()
      return row === undefined || !row.isOpen ? 0 : Number(row.taken)
    },

    /** Erases calls that are older. Their counts stay. Returns how many. */
    async eraseOld(afterMs: number): Promise<number> {
      let erased = 0
      for (;;) {
        const { numDeletedRows } = await tables
          .deleteFrom('passCalls')
          .where('id', 'in', (eb) =>
            eb
              .selectFrom('passCalls')
              .select('id')
              .where('at', '<', eb(sql.now, '-', afterMs))
              .orderBy('at')
              .limit(erasedAtOnce),
          )
          .executeTakeFirst()
        erased += Number(numDeletedRows)
        if (numDeletedRows < erasedAtOnce) return erased
      }
    },

    /** The calls of one hour in their order, in parts, for the seal. */
    async *ofHour(atMs: number): AsyncGenerator<CallRow[]> {
      let last: { at: number; id: string } | null = null
      for (;;) {
        let part = tables
          .selectFrom('passCalls')
          .selectAll()
          .where('at', '>=', atMs)
          .where('at', '<', atMs + hourMs)
          .orderBy('at')
          .orderBy('id')
          .limit(rowsAtOnce)
        if (last !== null) {
          const { at, id }: { at: number; id: string } = last
          part = part.where((eb) =>
            eb.or([eb('at', '>', at), eb.and([eb('at', '=', at), eb('id', '>', id)])]),
          )
        }
        const rows = (await part.execute()).map(passCall.toRow)
        if (rows.length > 0) yield rows
        last = rows.at(-1) ?? null
        if (rows.length < rowsAtOnce) return
      }
    },

    /** Passes with so many denials in the hour that begins then. */
    async deniedSince(hourAtMs: number, fewest: number): Promise<{ passId: string; denied: number }[]> {
      const rows = await tables
        .selectFrom('passHours')
        .select(['passId', 'denied'])
        .where('at', '=', hourAtMs)
        .where('denied', '>=', fewest)
        .limit(200)
        .execute()
      return rows.map(({ passId, denied }) => ({ passId, denied: Number(denied) }))
    },

    /** The first time of a call that is stored; null: there is none. */
    async first(): Promise<number | null> {
      const row = await tables.selectFrom('passCalls').select('at').orderBy('at').limit(1).executeTakeFirst()
      return row === undefined ? null : Number(row.at)
    },
  }
}

export type CallStore = ReturnType<typeof openCallStore>

function* hoursOf(calls: readonly NewOf<typeof passCall>[]) {
  for (const group of Map.groupBy(
    calls,
    ({ passId, at }) => `${passId} ${Math.floor(at / hourMs)}`,
  ).values()) {
    const [first] = group
    if (first === undefined) continue
    const denied = group.filter(({ decision }) => decision === 'denied').length
    const failed = group.filter(
      ({ decision, status }) => decision === 'allowed' && (status === null || status >= 400),
    ).length
    const at = first.at - (first.at % hourMs)
    yield { passId: first.passId, at, calls: group.length, denied, failed }
  }
}
