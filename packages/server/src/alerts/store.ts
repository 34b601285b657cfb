import type { AlertKind } from '@latchwork/contract'
import { type Kysely, type SqlBool, sql as sqlText } from 'kysely'
import type { NewOf, RowOf } from '../database/codec.ts'
import type { Database } from '../database/database.ts'
import { alert, type Tables } from '../database/tables.ts'
import { visibleTo } from '../identity/store/viewing.ts'

export type NewAlert = NewOf<typeof alert>
export type AlertRow = RowOf<typeof alert>

/** Stores an alert in the transaction that found its cause. The tick sends it, even if this process dies. */
export async function tell(db: Kysely<Tables>, { now }: Database['sql'], added: NewAlert): Promise<AlertRow> {
  const row = await db
    .insertInto('alerts')
    .values((eb) => ({
      ...alert.toColumns(added),
      createdAt: now,
      // Several may come in one millisecond.
      raised: eb
        .selectFrom('alerts as others')
        .select((others) =>
          others(others.fn.coalesce(others.fn.max('others.raised'), others.lit(0)), '+', 1).as('next'),
        ),
    }))
    .returningAll()
    .executeTakeFirstOrThrow()
  return alert.toRow(row)
}

/** Begins a condition and stores its alert. Returns false if the condition holds already. */
export async function raise(
  db: Kysely<Tables>,
  sql: Database['sql'],
  condition: string,
  added: NewAlert,
): Promise<boolean> {
  const began = await db
    .insertInto('alertConditions')
    .values({ name: condition, since: sql.now })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .executeTakeFirst()
  if ((began.numInsertedOrUpdatedRows ?? 0n) === 0n) return false
  await tell(db, sql, added)
  return true
}

/** Ends conditions and stores their alert. Returns false if none of them held. */
export async function clear(
  db: Kysely<Tables>,
  sql: Database['sql'],
  conditions: readonly string[],
  added: NewAlert,
): Promise<boolean> {
  const ended = await db.deleteFrom('alertConditions').where('name', 'in', conditions).executeTakeFirst()
  if (ended.numDeletedRows === 0n) return false
  await tell(db, sql, added)
  return true
}

export function openAlertStore({ sql, tables }: Database) {
  return {
    async insert(added: NewAlert): Promise<AlertRow> {
      const row = await tell(tables, sql, added)
      await tables.updateTable('alerts').set({ sentAt: sql.now }).where('id', '=', added.id).execute()
      return row
    },

    async find(id: string): Promise<AlertRow | null> {
      const row = await tables.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : alert.toRow(row)
    },

    /** Newest first. `ownerId` null: the alerts of all owners. */
    async list(
      ownerId: string | null,
      limit: number,
      without: readonly AlertKind[] = [],
    ): Promise<AlertRow[]> {
      let query = tables
        .selectFrom('alerts')
        .selectAll()
        .orderBy('createdAt', 'desc')
        .orderBy('raised', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
      if (without.length > 0) query = query.where('kind', 'not in', without)
      if (ownerId !== null) query = query.where('ownerId', '=', ownerId).where(seenStill(ownerId))
      return (await query.execute()).map(alert.toRow)
    },

    async count(ownerId: string | null, after: number, without: readonly AlertKind[] = []): Promise<number> {
      let query = tables.selectFrom('alerts').where('createdAt', '>', after)
      if (without.length > 0) query = query.where('kind', 'not in', without)
      if (ownerId !== null) query = query.where('ownerId', '=', ownerId).where(seenStill(ownerId))
      const { count } = await query
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return Number(count)
    },

    /** Calls `raise` in a transaction of its own. */
    raise: (condition: string, added: NewAlert): Promise<boolean> =>
      tables.transaction().execute((transaction) => raise(transaction, sql, condition, added)),

    /** Calls `clear` in a transaction of its own. */
    clear: (condition: string, added: NewAlert): Promise<boolean> =>
      tables.transaction().execute((transaction) => clear(transaction, sql, [condition], added)),

    /** As `clear`, of several. @param added null: nothing is told */
    clearAll: async (conditions: readonly string[], added: NewAlert | null): Promise<void> => {
      await tables.transaction().execute(async (transaction) => {
        if (added !== null) await clear(transaction, sql, conditions, added)
        else await transaction.deleteFrom('alertConditions').where('name', 'in', conditions).execute()
      })
    },

    /**
     * Makes those of `hold` the ones that hold under `prefix`, among the judged.
     * @param judged null: all of them
     * @returns those that did not hold before, and those that do no more
     */
    change: (
      prefix: string,
      judged: readonly string[] | null,
      hold: readonly string[],
    ): Promise<{ readonly begun: ReadonlySet<string>; readonly ended: ReadonlySet<string> }> =>
      tables.transaction().execute(async (transaction) => {
        const rows = await transaction
          .selectFrom('alertConditions')
          .select('name')
          .where('name', '>=', `${prefix}:`)
          .where('name', '<', `${prefix};`)
          .execute()
        const before = new Set(rows.map(({ name }) => name.slice(prefix.length + 1)))
        const begun = new Set(hold.filter((name) => !before.has(name)))
        const ended = [...(judged ?? before)].filter((name) => before.has(name) && !hold.includes(name))
        const named = (name: string) => `${prefix}:${name}`
        for (const name of begun) {
          await transaction
            .insertInto('alertConditions')
            .values({ name: named(name), since: sql.now })
            .onConflict((conflict) => conflict.column('name').doNothing())
            .execute()
        }
        if (ended.length > 0)
          await transaction.deleteFrom('alertConditions').where('name', 'in', ended.map(named)).execute()
        return { begun, ended: new Set(ended) }
      }),

    /** Stores an alert, in the transaction that found its cause. */
    async tell(added: NewAlert): Promise<void> {
      await tell(tables, sql, added)
    },

    /** Deletes the alerts created before `before` (milliseconds since 1970). */
    async forget(before: number): Promise<void> {
      await tables.deleteFrom('alerts').where('createdAt', '<', before).execute()
    },

    async unsent(limit: number): Promise<string[]> {
      const rows = await tables
        .selectFrom('alerts')
        .select('id')
        .where('sentAt', 'is', null)
        .orderBy('createdAt')
        .orderBy('raised')
        .limit(limit)
        .execute()
      return rows.map((row) => row.id)
    },

    async markSent(id: string): Promise<void> {
      await tables.updateTable('alerts').set({ sentAt: sql.now }).where('id', '=', id).execute()
    },
  }
}

export type AlertStore = ReturnType<typeof openAlertStore>

/** An alert names a credential, a flow or a pass. A member who may no longer see that does not see the alert either. */
function seenStill(memberId: string) {
  const tables = { credential: 'credentials', flow: 'flows', pass: 'passes' } as const
  const conditions = (['credential', 'flow', 'pass'] as const).map((kind) => {
    const table = tables[kind]
    const visible = visibleTo({ memberId }, kind, { id: `${table}.id`, owner: `${table}.ownerId` })
    const about = `alerts.${kind}Id` as const
    return sqlText<SqlBool>`(${sqlText.ref(about)} is null or exists (select 1 from ${sqlText.table(table)}
      where ${sqlText.ref(`${table}.id`)} = ${sqlText.ref(about)} and ${visible}))`
  })
  return sqlText<SqlBool>`${sqlText.join(conditions, sqlText` and `)}`
}
