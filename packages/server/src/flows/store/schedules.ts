import { nextRunOf } from '@latchwork/contract'
import type { RowOf } from '../../database/codec.ts'
import { type Database, readNow } from '../../database/database.ts'
import { flow } from '../../database/flow-tables.ts'

type FlowRow = RowOf<typeof flow>

/** So late a flow may be called late: what is due is looked at more often than that. */
const lateAfterMs = 5 * 60_000

/** Which flows are due by their schedules, and when they are next. */
export function openSchedules(database: Database) {
  const { sql, tables } = database
  const now = () => readNow(database)

  /** False if another process was faster or changes the flow just now. */
  const moveOn = async ({ id, nextRunAt }: FlowRow, next: number | null): Promise<boolean> => {
    const { numUpdatedRows } = await tables
      .updateTable('flows')
      .set({ nextRunAt: next, scheduledAt: sql.now })
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('flows')
          .select('id')
          .where('id', '=', id)
          .where('nextRunAt', '=', nextRunAt)
          .modifyEnd(sql.skipLocked),
      )
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  return {
    /** Flows that should have run by now and have missed their next time as well. */
    async missed(): Promise<FlowRow[]> {
      const nowMs = await now()
      const rows = await tables
        .selectFrom('flows')
        .selectAll()
        .where('nextRunAt', '<=', nowMs - lateAfterMs)
        .execute()
      return rows.map(flow.toRow).filter(({ schedule, nextRunAt }) => {
        const second = schedule === null || nextRunAt === null ? null : nextRunOf(schedule, nextRunAt)
        return second !== null && second <= nowMs
      })
    },

    /** Flows whose next run is due. Each is moved on to its next time that lies ahead, and given to one caller. */
    async takeDue(limit: number): Promise<FlowRow[]> {
      const nowMs = await now()
      const rows = await tables
        .selectFrom('flows')
        .selectAll()
        .where('nextRunAt', '<=', nowMs)
        .where('schedule', 'is not', null)
        .orderBy('nextRunAt')
        .limit(limit)
        .execute()
      const taken: FlowRow[] = []
      for (const row of rows.map(flow.toRow)) {
        const { schedule, nextRunAt } = row
        if (schedule === null || nextRunAt === null) continue
        const next = nextRunOf(schedule, nowMs, nextRunAt)
        if (await moveOn(row, next)) taken.push({ ...row, nextRunAt: next })
      }
      return taken
    },

    /**
     * Finds the next time once more for flows whose next time was found at a moment that has not come yet: the clock was
     * set back. Else they would be silent until the clock is there.
     */
    async followClock(): Promise<void> {
      const nowMs = await now()
      const rows = await tables
        .selectFrom('flows')
        .selectAll()
        // A second is no clock that was set back.
        .where('scheduledAt', '>', nowMs + 1000)
        .where('nextRunAt', 'is not', null)
        .where('schedule', 'is not', null)
        .execute()
      for (const row of rows.map(flow.toRow)) {
        if (row.schedule !== null) await moveOn(row, nextRunOf(row.schedule, nowMs))
      }
    },
  }
}
