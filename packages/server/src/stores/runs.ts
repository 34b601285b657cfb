import { LatchworkError } from '@latchwork/contract'
import { sql as sqlText } from 'kysely'
import { storable } from './columns.ts'
import type { Database } from './database.ts'
import { matches } from './folding.ts'
import { holdShare } from './holding.ts'
import type { RunRow, RunStore } from './interfaces.ts'
import { openLedger } from './ledger.ts'
import { after, cut, type Order } from './paging.ts'
import { saveLast, saveRefused } from './run-records.ts'
import { runViews, toRun, toRunRow, unfinished } from './run-row.ts'
import { openRunUses } from './run-uses.ts'
import { visibleTo } from './viewing.ts'
import { violation } from './violations.ts'

const newestFirst: Order = {
  name: 'created',
  column: 'runs.createdAt',
  id: 'runs.id',
  holds: 'number',
  direction: 'desc',
}

export function openRunStore(database: Database): RunStore {
  const { sql, tables } = database
  const find = async (id: string): Promise<RunRow | null> => {
    const row = await runViews(tables).where('runs.id', '=', id).executeTakeFirst()
    return row === undefined ? null : toRunRow(row)
  }
  return {
    ...openLedger(database),
    ...openRunUses(database),
    find,

    async insert(run) {
      try {
        await tables
          .insertInto('runs')
          .values({ ...run, status: 'queued', createdAt: sql.now })
          .execute()
      } catch (error) {
        const broken = violation(error)
        if (broken === 'unique') throw new LatchworkError('run_active')
        if (broken === 'foreign_key') throw new LatchworkError('flow_not_found')
        throw error
      }
      const row = await find(run.id)
      if (row === null) throw new LatchworkError('conflict') // its flow was erased by another at once
      return row
    },

    async list(query, viewer = null) {
      let matching = runViews(tables)
      if (query.flowId !== undefined) matching = matching.where('runs.flowId', '=', query.flowId)
      if (query.status !== undefined) matching = matching.where('runs.status', '=', query.status)
      const visible = visibleTo(viewer, 'flow', { id: 'flows.id', owner: 'flows.ownerId' })
      if (visible !== null) matching = matching.where(visible)
      const words = matches(query.query, ['flows.searchName'])
      if (words !== null) matching = matching.where(words)
      let page = matching
        .orderBy('runs.createdAt', 'desc')
        .orderBy('runs.id', 'desc')
        .limit(query.limit + 1)
      if (query.cursor !== undefined) page = page.where(after(newestFirst, query.cursor))
      const { rows, nextCursor } = cut(newestFirst, await page.execute(), query.limit, (row) => ({
        value: row.createdAt,
        id: row.id,
      }))
      const { total } = await matching
        .clearSelect()
        .select((eb) => eb.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow()
      return { items: rows.map(toRun), nextCursor, total }
    },

    async start(id, most = Number.POSITIVE_INFINITY) {
      const started = await tables.transaction().execute(async (transaction) => {
        await waitForPlace(database, transaction, id, most)
        const { numUpdatedRows } = await transaction
          .updateTable('runs')
          .set((eb) => ({
            resumes: eb('resumes', '+', eb.case().when('status', '=', 'running').then(1).else(0).end()),
            status: 'running',
            startedAt: eb.fn.coalesce('startedAt', sql.now),
          }))
          .where('id', '=', id)
          .where('status', 'in', unfinished)
          .executeTakeFirst()
        return numUpdatedRows > 0n
      })
      return started ? find(id) : null
    },

    async line(ownerId) {
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

    async saveProgress(id, progress, refused, lastRecords) {
      return tables.transaction().execute(async (transaction) => {
        const row = await transaction
          .updateTable('runs')
          .set({
            recordsRead: progress.recordsRead,
            recordsWritten: progress.recordsWritten,
            recordsRefused: progress.recordsRefused,
            pages: progress.pages,
            checkpoint: JSON.stringify(progress.checkpoint ?? null),
          })
          .where('id', '=', id)
          .where('status', '=', 'running')
          .returning('cancelling')
          .executeTakeFirst()
        if (row === undefined) return { cancelling: true } // somebody else has ended it
        await saveRefused(database, transaction, id, refused)
        if (lastRecords !== null) await saveLast(transaction, id, { records: lastRecords })
        return { cancelling: row.cancelling === 1 }
      })
    },

    async setActivity(id, activity, expected) {
      await tables
        .updateTable('runs')
        .set({
          activity: activity === null ? null : storable(activity),
          ...(expected === undefined ? {} : { recordsExpected: expected }),
        })
        .where('id', '=', id)
        .where('status', 'in', unfinished)
        .execute()
    },

    async requestCancel(id) {
      await tables
        .updateTable('runs')
        .set((eb) => ({
          // Nobody works on a queued run who could see the request: it is over at once.
          status: sqlText<string>`case when status = 'queued' then 'cancelled' else status end`,
          finishedAt: eb.case().when('status', '=', 'queued').then(sql.now).else(null).end(),
          cancelling: eb.case().when('status', '=', 'running').then(1).else(0).end(),
        }))
        .where('id', '=', id)
        .where('status', 'in', unfinished)
        .execute()
      return find(id)
    },

    async finish(id, status, error, output) {
      const { numUpdatedRows } = await tables
        .updateTable('runs')
        .set({
          status,
          cancelling: 0,
          activity: null,
          errorCode: error?.code ?? null,
          errorMessage: error === null ? null : storable(error.message),
          outputFile: output?.file ?? null,
          outputFileId: output?.fileId ?? null,
          outputBytes: output?.bytes ?? null,
          sourceAccount: null,
          destinationAccount: null,
          finishedAt: sql.now,
        })
        .where('id', '=', id)
        .where('status', 'in', unfinished)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
  }
}

/** @throws LatchworkError `share_exceeded` if the owner of the run's flow has `most` runs under way */
async function waitForPlace(
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
  const place = runs.findIndex((run) => run.id === id)
  const underWay = runs.filter(({ status }) => status === 'running')
  if (place === -1 || underWay.some((run) => run.id === id)) return
  if (underWay.length < most && place < most) return
  throw new LatchworkError('share_exceeded', {
    message: `Waits for a free place: ${underWay.length} ${underWay.length === 1 ? 'run' : 'runs'} of this flow's owner ${underWay.length === 1 ? 'is' : 'are'} under way.`,
  })
}
