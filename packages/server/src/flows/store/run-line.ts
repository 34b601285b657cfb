import { counted, LatchworkError } from '@latchwork/contract'
import { sql as sqlText } from 'kysely'
import type { Database } from '../../database/database.ts'
import { holdShare } from '../../shares/holding.ts'
import { unfinished } from './run-row.ts'

/** The runs that wait for a place of their owner's share. */
export function openRunLine({ tables }: Database) {
  return {
    /** Runs that have not finished, and how many of the same owner's come before each. @param ownerId null: of everybody */
    async line(
      ownerId: string | null,
    ): Promise<{ id: string; status: 'queued' | 'running'; before: number }[]> {
      let query = tables
        .selectFrom('runs')
        .innerJoin('flows', 'flows.id', 'runs.flowId')
        .select(['runs.id', 'runs.status'])
        .select(
          sqlText<number>`row_number() over (partition by flows.owner_id order by runs.created_at, runs.id)`.as(
            'place',
          ),
        )
        .where('runs.status', 'in', unfinished)
        .orderBy('runs.createdAt')
        .orderBy('runs.id')
      if (ownerId !== null) query = query.where('flows.ownerId', '=', ownerId)
      const rows = await query.execute()
      return rows.map(({ id, status, place }) => ({
        id,
        status: status === 'running' ? 'running' : 'queued',
        before: Number(place) - 1,
      }))
    },
  }
}

/** @throws LatchworkError `share_exceeded` if the owner of the run's flow has `most` runs under way */
export async function waitForPlace(
  database: Database,
  transaction: Database['tables'],
  id: string,
  most: number,
): Promise<void> {
  if (most === Number.POSITIVE_INFINITY) return
  const flow = await transaction
    .selectFrom('runs')
    .innerJoin('flows', 'flows.id', 'runs.flowId')
    .select('flows.ownerId')
    .where('runs.id', '=', id)
    .executeTakeFirst()
  if (flow === undefined) return
  await holdShare(database, transaction, flow.ownerId)
  const runs = await transaction
    .selectFrom('runs')
    .innerJoin('flows', 'flows.id', 'runs.flowId')
    .select(['runs.id', 'runs.status'])
    .where('flows.ownerId', '=', flow.ownerId)
    .where('runs.status', 'in', unfinished)
    .orderBy('runs.createdAt')
    .orderBy('runs.id')
    .execute()
  const place = runs.findIndex((other) => other.id === id)
  const underWay = runs.filter(({ status }) => status === 'running')
  if (place === -1 || underWay.some((other) => other.id === id)) return
  if (underWay.length < most && place < most) return
  throw new LatchworkError('share_exceeded', {
    message: `Waits for a free place: ${counted(underWay.length, 'run')} of this flow's owner ${underWay.length === 1 ? 'is' : 'are'} under way.`,
  })
}
