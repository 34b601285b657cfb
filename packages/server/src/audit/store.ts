import { type AuditEntry, type AuditFilter, type AuditListQuery, LatchworkError } from '@latchwork/contract'
import type { Selectable } from 'kysely'
import { type AuditEntryTable, type AuditHeadTable, auditEntry } from '../database/audit-tables.ts'
import { toMs } from '../database/columns.ts'
import type { Database } from '../database/database.ts'
import { type Order, readPage } from '../database/paging.ts'
import {
  type AuditHead,
  type AuditTail,
  type Extension,
  type PendingAct,
  type ReadRows,
  rowText,
} from './row.ts'

const newestFirst = {
  name: 'sequence',
  column: 'sequence',
  id: 'sequence',
  holds: 'number',
  direction: 'desc',
} as const satisfies Order
/** Both databases limit the number of values in a statement. */
const rowsAStatement = 500
const pendingAtOnce = 200
/** Outside of the log's own tables: restoring these to an older state does not restore the counter. */
const counterName = 'audit_counter'

type Tables = Database['tables']

export function openAuditStore(database: Database) {
  const { sql, tables } = database
  return {
    /**
     * Gives the end of the log to `compose` and writes the extension that it returns, or nothing for null. Only one
     * process at a time can do this. Deletes the pending acts, which the extension must contain. Part of the caller's
     * unit of work, if there is one.
     * @param witness the number of an entry to read as well
     * @throws what `compose` throws; then nothing is written
     */
    async extend(
      witness: number | null,
      compose: (end: AuditTail, rows: ReadRows) => Promise<Extension | null>,
    ): Promise<AuditHead | null> {
      return tables.transaction().execute(async (transaction) => {
        const end = await lookAt(transaction, witness)
        const extension = await compose(end, readRows(transaction))
        if (extension === null) return null
        const { entries, head, counter, removeTo } = extension
        for (let start = 0; start < entries.length; start += rowsAStatement) {
          const rows = entries.slice(start, start + rowsAStatement).map(auditEntry.toColumns)
          await transaction.insertInto('auditEntries').values(rows).execute()
        }
        await transaction
          .insertInto('auditHead')
          .values({ id: 1, ...head })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(head))
          .execute()
        await transaction
          .insertInto('metadata')
          .values({ name: counterName, value: counter })
          .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: counter }))
          .execute()
        if (removeTo !== undefined) {
          await transaction.deleteFrom('auditEntries').where('sequence', '<=', removeTo).execute()
        }
        const taken = end.pending.map(({ id }) => id)
        if (taken.length > 0) await transaction.deleteFrom('auditPending').where('id', 'in', taken).execute()
        return head
      })
    },

    /** Stores acts that can't be written yet. */
    async putOff(pending: readonly PendingAct[]): Promise<void> {
      for (const row of pending) {
        await tables
          .insertInto('auditPending')
          .values({ ...row, at: sql.now })
          .execute()
      }
    },

    /** The end of the log, read in one transaction. */
    look: (witness: number | null): Promise<AuditTail> =>
      tables.transaction().execute((transaction) => lookAt(transaction, witness)),
    rows: readRows(tables),

    /** Newest first. */
    list: (query: AuditListQuery): Promise<{ items: AuditEntry[]; nextCursor: string | null }> =>
      readPage(matching(tables, query), {
        query,
        order: newestFirst,
        toItems: (rows) => rows.map(auditEntry.toRow),
      }),

    /** Oldest first, after a sequence number. */
    async read(filter: AuditFilter, afterSequence: number, limit: number): Promise<AuditEntry[]> {
      const rows = await matching(tables, filter)
        .where('sequence', '>', afterSequence)
        .orderBy('sequence')
        .limit(limit)
        .execute()
      return rows.map(auditEntry.toRow)
    },
  }

  async function lookAt(transaction: Tables, witness: number | null): Promise<AuditTail> {
    // The row of the head is the lock: its holder sees all earlier entries and may append.
    const head = await transaction
      .selectFrom('auditHead')
      .selectAll()
      .modifyEnd(sql.forUpdate)
      .executeTakeFirst()
    const counter = await transaction
      .selectFrom('metadata')
      .select('value')
      .where('name', '=', counterName)
      .executeTakeFirst()
    const last = await transaction
      .selectFrom('auditEntries')
      .selectAll()
      .orderBy('sequence', 'desc')
      .limit(2)
      .execute()
    const [at] = last
    return {
      head: head === undefined ? null : toHead(head),
      counter: counter?.value ?? null,
      last: last.map((row) => ({ sequence: row.sequence, hash: row.hash, entry: toEntryOrNull(row) })),
      witnessed:
        witness === null || witness === at?.sequence
          ? (at?.hash ?? null)
          : await hashOf(transaction, witness),
      used: at === undefined && (await isUsed(transaction)),
      pending: await pendingOf(transaction),
      nowMs: (await transaction.selectNoFrom(sql.now.as('now')).executeTakeFirstOrThrow()).now,
    }
  }
}

export type AuditStore = ReturnType<typeof openAuditStore>

function toHead({ id: _, ...head }: Selectable<AuditHeadTable>): AuditHead {
  return head
}

async function hashOf(db: Tables, sequence: number): Promise<string | null> {
  const row = await db
    .selectFrom('auditEntries')
    .select('hash')
    .where('sequence', '=', sequence)
    .executeTakeFirst()
  return row?.hash ?? null
}

async function isUsed(db: Tables): Promise<boolean> {
  const people = db.withoutPlugins().$extendTables<{ user: { id: string } }>()
  const person = await people.selectFrom('user').select('id').limit(1).executeTakeFirst()
  const credential = await db.selectFrom('credentials').select('id').limit(1).executeTakeFirst()
  return person !== undefined || credential !== undefined
}

function pendingOf(db: Tables): Promise<PendingAct[]> {
  return db
    .selectFrom('auditPending')
    .select(['id', 'act', 'mac'])
    .orderBy('at')
    .orderBy('id')
    .limit(pendingAtOnce)
    .execute()
}

function readRows(db: Tables): ReadRows {
  return async (after, before, limit) => {
    const rows = await db
      .selectFrom('auditEntries')
      .selectAll()
      .where('sequence', '>', after)
      .where('sequence', '<', before)
      .orderBy('sequence')
      .limit(limit)
      .execute()
    return rows.map((row) => ({ sequence: row.sequence, text: rowText(row) }))
  }
}

function toEntryOrNull(row: Selectable<AuditEntryTable>): AuditEntry | null {
  try {
    return auditEntry.toRow(row)
  } catch (error) {
    if (error instanceof LatchworkError || error instanceof RangeError) return null
    throw error
  }
}

function matching(tables: Tables, filter: AuditFilter) {
  let rows = tables.selectFrom('auditEntries').selectAll()
  const { actorId, action, objectId, result, from, to } = filter
  if (actorId !== undefined) rows = rows.where('actorId', '=', actorId)
  if (objectId !== undefined) rows = rows.where('objectId', '=', objectId)
  if (result !== undefined) rows = rows.where('result', '=', result)
  if (action?.endsWith('.') === true) rows = rows.where('actionKind', '=', action.slice(0, -1))
  else if (action !== undefined) rows = rows.where('action', '=', action)
  if (from !== undefined) rows = rows.where('at', '>=', toMs(from))
  if (to !== undefined) rows = rows.where('at', '<=', toMs(to))
  return rows
}
