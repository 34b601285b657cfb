import type { ExpressionBuilder } from 'kysely'
import type { BudgetUseTable } from '../database/budget-tables.ts'
import type { Database } from '../database/database.ts'
import type { Tables } from '../database/tables.ts'

/** What one consumer used of a key within a minute or an hour. */
export type UseRow = Readonly<BudgetUseTable>

/** Where requests are counted: an organization, and the name of a key of it. */
export interface BudgetPlace {
  readonly organization: string
  readonly key: string
}

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs

/** Longer than any is shown. */
const keepMs = [
  [minuteMs, 2 * hourMs],
  [hourMs, 26 * hourMs],
] as const
/** Rows in one insert: SQLite limits the values of a statement. */
const rowsAtOnce = 500

type Span = BudgetPlace & { readonly spanMs: number; readonly sinceMs: number }

export function openUseStore({ sql, tables }: Database) {
  const within = ({ organization, key, spanMs, sinceMs }: Span) =>
    tables
      .selectFrom('budgetUses')
      .select((eb) => [
        eb.fn.sum<number>('requests').as('requests'),
        eb.fn.sum<number>('waited').as('waited'),
        eb.fn.sum<number>('putOff').as('putOff'),
      ])
      .where('organization', '=', organization)
      .where('budgetKey', '=', key)
      .where('spanMs', '=', spanMs)
      .where('at', '>=', sinceMs)
  return {
    /** Adds to what is counted there already, in one transaction. */
    async add(uses: readonly UseRow[]): Promise<void> {
      await tables.transaction().execute(async (transaction) => {
        for (let start = 0; start < uses.length; start += rowsAtOnce) {
          await transaction
            .insertInto('budgetUses')
            .values(uses.slice(start, start + rowsAtOnce))
            .onConflict((conflict) =>
              conflict
                .columns(['organization', 'budgetKey', 'spanMs', 'at', 'endpointGroup', 'consumer'])
                .doUpdateSet((eb) => ({
                  requests: eb('budgetUses.requests', '+', eb.ref('excluded.requests')),
                  waited: eb('budgetUses.waited', '+', eb.ref('excluded.waited')),
                  putOff: eb('budgetUses.putOff', '+', eb.ref('excluded.putOff')),
                  leastLimit: least(eb),
                  mostLimit: most(eb, 'mostLimit'),
                  windowMs: most(eb, 'windowMs'),
                })),
            )
            .execute()
        }
      })
    },

    /** Each group with the limits that were named for it, the busiest first. */
    async groups(span: Span) {
      const rows = await within(span)
        .select((eb) => [
          'endpointGroup',
          // Zero says that none was named.
          eb.fn
            .min<number | null>(eb.case().when('leastLimit', '>', 0).then(eb.ref('leastLimit')).end())
            .as('least'),
          eb.fn.max<number>('mostLimit').as('most'),
          eb.fn.max<number>('windowMs').as('windowMs'),
        ])
        .groupBy('endpointGroup')
        .orderBy('requests', 'desc')
        .orderBy('endpointGroup')
        .execute()
      return rows.map((row) => ({
        ...countsOf(row),
        group: row.endpointGroup,
        least: Number(row.least ?? 0),
        most: Number(row.most),
        windowMs: Number(row.windowMs),
      }))
    },

    /** @param group left out: all of them */
    async uses(span: Span, group?: string) {
      let rows = within(span).select(['at', 'consumer']).groupBy(['at', 'consumer'])
      if (group !== undefined) rows = rows.where('endpointGroup', '=', group)
      const found = await rows.execute()
      return found.map((row) => ({ ...countsOf(row), at: Number(row.at), consumer: row.consumer }))
    },

    /** Names of flows and passes, by id. */
    async names(
      flowIds: readonly string[],
      passIds: readonly string[],
    ): Promise<ReadonlyMap<string, string>> {
      const named = (table: 'flows' | 'passes', ids: readonly string[]) =>
        ids.length === 0
          ? []
          : tables.selectFrom(table).select(['id', 'name']).where('id', 'in', ids).execute()
      const rows = await Promise.all([named('flows', flowIds), named('passes', passIds)])
      return new Map(rows.flat().map(({ id, name }) => [id, name]))
    },

    /** Erases what is too old to be shown. */
    async sweep(): Promise<void> {
      for (const [spanMs, afterMs] of keepMs) {
        await tables
          .deleteFrom('budgetUses')
          .where('spanMs', '=', spanMs)
          .where('at', '<', (eb) => eb(sql.now, '-', afterMs))
          .execute()
      }
    },
  }
}

export type UseStore = ReturnType<typeof openUseStore>

type Upsert = ExpressionBuilder<Tables & { excluded: BudgetUseTable }, 'budgetUses' | 'excluded'>

function most(eb: Upsert, column: 'mostLimit' | 'windowMs') {
  const [there, added] = [`budgetUses.${column}`, `excluded.${column}`] as const
  return eb.case().when(eb.ref(there), '>', eb.ref(added)).then(eb.ref(there)).else(eb.ref(added)).end()
}

/** Of those that were named. */
function least(eb: Upsert) {
  const [there, added] = [eb.ref('budgetUses.leastLimit'), eb.ref('excluded.leastLimit')]
  const isThere = eb.or([
    eb('excluded.leastLimit', '=', 0),
    eb.and([eb('budgetUses.leastLimit', '>', 0), eb('budgetUses.leastLimit', '<', added)]),
  ])
  return eb.case().when(isThere).then(there).else(added).end()
}

/** PostgreSQL gives sums as text. */
function countsOf({ requests, waited, putOff }: Record<'requests' | 'waited' | 'putOff', unknown>) {
  return { requests: Number(requests), waited: Number(waited), putOff: Number(putOff) }
}
