import { type AlertKind, alertKinds } from '@latchwork/contract'
import { type Kysely, type Selectable, type SqlBool, sql as sqlText } from 'kysely'
import { z } from 'zod'
import { toMs, toTime } from '../database/columns.ts'
import type { Database } from '../database/database.ts'
import type { AlertTable, Tables } from '../database/tables.ts'
import { visibleTo } from '../identity/store/viewing.ts'

export interface NewAlert {
  readonly id: string
  readonly kind: AlertKind
  readonly credentialId: string | null
  /** The flow that it is about. */
  readonly flowId?: string
  readonly ownerId: string
  readonly code: string | null
  readonly title: string
  readonly message: string
}

export interface AlertRow extends Omit<NewAlert, 'flowId'> {
  readonly flowId: string | null
  readonly createdAt: string
}

const kindSchema = z.enum(alertKinds)

/** Stores an alert as part of the transaction that found it out: then it is sent by the tick, whoever dies meanwhile. */
export async function tell(
  db: Kysely<Tables>,
  { now }: Database['sql'],
  alert: NewAlert,
): Promise<Selectable<AlertTable>> {
  return db
    .insertInto('alerts')
    .values({ ...alert, createdAt: now })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Begins a condition and tells of it; false if it holds already. */
export async function raise(
  db: Kysely<Tables>,
  sql: Database['sql'],
  condition: string,
  alert: NewAlert,
): Promise<boolean> {
  const began = await db
    .insertInto('alertConditions')
    .values({ name: condition, since: sql.now })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .executeTakeFirst()
  if ((began.numInsertedOrUpdatedRows ?? 0n) === 0n) return false
  await tell(db, sql, alert)
  return true
}

/** Ends conditions and tells of it; false if none of them held. */
export async function clear(
  db: Kysely<Tables>,
  sql: Database['sql'],
  conditions: readonly string[],
  alert: NewAlert,
): Promise<boolean> {
  const ended = await db.deleteFrom('alertConditions').where('name', 'in', conditions).executeTakeFirst()
  if (ended.numDeletedRows === 0n) return false
  await tell(db, sql, alert)
  return true
}

/** The alerts that were told. */
export function openAlertStore({ sql, tables }: Database) {
  return {
    async insert(alert: NewAlert): Promise<AlertRow> {
      const row = await tell(tables, sql, alert)
      await tables.updateTable('alerts').set({ sentAt: sql.now }).where('id', '=', alert.id).execute()
      return toAlert(row)
    },

    async find(id: string): Promise<AlertRow | null> {
      const row = await tables.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : toAlert(row)
    },

    /** Newest first; of one owner, or of all with null. */
    async list(ownerId: string | null, limit: number): Promise<AlertRow[]> {
      let query = tables
        .selectFrom('alerts')
        .selectAll()
        .orderBy('createdAt', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
      if (ownerId !== null) query = query.where('ownerId', '=', ownerId).where(seenStill(ownerId))
      return (await query.execute()).map(toAlert)
    },

    async count(ownerId: string | null, after: string): Promise<number> {
      let query = tables.selectFrom('alerts').where('createdAt', '>', toMs(after))
      if (ownerId !== null) query = query.where('ownerId', '=', ownerId).where(seenStill(ownerId))
      const { count } = await query
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return Number(count)
    },

    /** As the function of this name, in a transaction of its own. */
    raise: (condition: string, alert: NewAlert): Promise<boolean> =>
      tables.transaction().execute((transaction) => raise(transaction, sql, condition, alert)),

    /** As the function of this name, in a transaction of its own. */
    clear: (condition: string, alert: NewAlert): Promise<boolean> =>
      tables.transaction().execute((transaction) => clear(transaction, sql, [condition], alert)),

    /** Forgets those before `before`. */
    async forget(before: string): Promise<void> {
      await tables.deleteFrom('alerts').where('createdAt', '<', toMs(before)).execute()
    },

    async unsent(limit: number): Promise<string[]> {
      const rows = await tables
        .selectFrom('alerts')
        .select('id')
        .where('sentAt', 'is', null)
        .orderBy('createdAt')
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

/** An alert names a credential or a flow: whoever may not see that any more is not told again. */
function seenStill(memberId: string) {
  const [credential, flow] = (['credential', 'flow'] as const).map((kind) => {
    const table = `${kind}s` as const
    const visible = visibleTo({ memberId }, kind, { id: `${table}.id`, owner: `${table}.ownerId` })
    const about = `alerts.${kind}Id` as const
    return sqlText<SqlBool>`(${sqlText.ref(about)} is null or exists (select 1 from ${sqlText.table(table)}
      where ${sqlText.ref(`${table}.id`)} = ${sqlText.ref(about)} and ${visible}))`
  })
  return sqlText<SqlBool>`${credential} and ${flow}`
}

function toAlert(row: Selectable<AlertTable>): AlertRow {
  const { id, credentialId, flowId, ownerId, code, title, message } = row
  const createdAt = toTime(row.createdAt)
  const kind = kindSchema.parse(row.kind)
  return { id, kind, credentialId, flowId, ownerId, code, title, message, createdAt }
}
