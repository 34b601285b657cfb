import { sql as sqlText } from 'kysely'
import { z } from 'zod'
import { type Database, readNow } from '../database/database.ts'
import { type GroupRow, type LeaseAnswer, type LeaseRequest, newGroupRow, settle } from './leases.ts'

/** The channel of PostgreSQL on which processes tell each other of budgets. */
export const channel = 'latchwork_budget'

const newsSchema = z.object({
  from: z.string(),
  organization: z.string(),
  group: z.string(),
  nowMs: z.number(),
  holds: z.array(z.object({ key: z.string().nullable(), untilMs: z.number() })),
})
export type BudgetNews = z.infer<typeof newsSchema>

export function readNews(text: string): BudgetNews | null {
  try {
    return newsSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** A word of PostgreSQL may have 8000 bytes; more holds at once are read from the row. */
const mostHolds = 20

export function openBudgetStore(database: Database) {
  return {
    /** What one process tells and asks for, of one endpoint group. */
    async exchange(organization: string, group: string, request: LeaseRequest): Promise<LeaseAnswer> {
      // Nobody's unit of work: what is granted is granted, whatever becomes of the caller's.
      return database.apart(() =>
        database.tables.transaction().execute(async (transaction) => {
          const found = () =>
            transaction
              .selectFrom('sharedBudgets')
              .select('state')
              .where('organization', '=', organization)
              .where('endpointGroup', '=', group)
              .modifyEnd(database.sql.forUpdate)
              .executeTakeFirst()
          let stored = await found()
          if (stored === undefined) {
            await transaction
              .insertInto('sharedBudgets')
              .values({ organization, endpointGroup: group, state: write(newGroupRow()), touchedAt: 0 })
              .onConflict((conflict) => conflict.doNothing())
              .execute()
            stored = await found()
          }
          const row = stored === undefined ? newGroupRow() : read(stored.state)
          const nowMs = await readNow({ ...database, tables: transaction })
          const answer = settle(row, request, nowMs)
          await transaction
            .updateTable('sharedBudgets')
            .set({ state: write(row), touchedAt: nowMs })
            .where('organization', '=', organization)
            .where('endpointGroup', '=', group)
            .execute()
          if (answer.news !== null) {
            const holds = answer.news.holds.slice(0, mostHolds)
            const news: BudgetNews = { from: request.holder, organization, group, nowMs: answer.nowMs, holds }
            await sqlText`select pg_notify(${channel}, ${JSON.stringify(news)})`.execute(transaction)
          }
          return answer
        }),
      )
    },

    /** Forgets the groups to which nothing was sent for a day. */
    async sweep(): Promise<void> {
      await database.tables
        .deleteFrom('sharedBudgets')
        .where('touchedAt', '<', (eb) => eb(database.sql.now, '-', 86_400_000))
        .execute()
    },
  }
}

export type BudgetStore = ReturnType<typeof openBudgetStore>

const endless = 'endless'

/** JSON has no word for what has no end. */
function write(row: GroupRow): string {
  return JSON.stringify(row, (_, value: unknown) => (value === Number.POSITIVE_INFINITY ? endless : value))
}

const number = z.custom<number>((value) => typeof value === 'number')
const bucketSchema = z.object({
  ...{ inFlight: number, heldUntilMs: number, left: number, lowest: number },
  ...{ windowBeganMs: number, windowEndsMs: number, answered: z.boolean() },
  pace: z.object({ requests: number, windowMs: number, knownSinceMs: number }).nullable(),
  accepted: z.array(z.object({ atMs: number, count: number })),
  refusal: z.object({ atMs: number, waitMs: number }).nullable(),
})
const heldSchema = z.object({
  ...{ permits: number, taken: number, windowBeganMs: number, consumers: number, wantsUntilMs: number },
})
const rowSchema: z.ZodType<GroupRow> = z.object({
  buckets: z.object({
    organization: bucketSchema,
    keys: z.record(z.string(), bucketSchema),
    keyLimit: z.object({ limit: number, knownSinceMs: number }).nullable(),
  }),
  holders: z.record(z.string(), z.object({ until: number, keys: z.record(z.string(), heldSchema) })),
  nowMs: number,
})

/** A row of another version is dropped: some answers bring back what it knew. */
function read(state: string): GroupRow {
  const parsed = rowSchema.safeParse(
    JSON.parse(state, (_, value: unknown) => (value === endless ? Number.POSITIVE_INFINITY : value)),
  )
  return parsed.success ? parsed.data : newGroupRow()
}
