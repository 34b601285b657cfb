import {
  type AuditEntry,
  type AuditFilter,
  type AuditState,
  auditEntrySchema,
  auditStateSchema,
  LatchworkError,
} from '@latchwork/contract'
import type { Insertable, Selectable } from 'kysely'
import { hashEntry } from '../audit/chain.ts'
import type { AuditAct, AuditStore } from './audit-interface.ts'
import { readJson, storable, toMs, toTime } from './columns.ts'
import type { Database } from './database.ts'
import { after, cut, type Order } from './paging.ts'
import type { AuditEntryTable } from './tables.ts'

const newestFirst: Order = {
  name: 'sequence',
  column: 'sequence',
  id: 'sequence',
  holds: 'number',
  direction: 'desc',
}
/** Two databases limit how many values a statement has. */
const rowsAStatement = 500

export function openAuditStore({ sql, tables }: Database): AuditStore {
  return {
    async append(acts, sign) {
      if (acts.length === 0) return []
      return tables.transaction().execute(async (transaction) => {
        // The head's row is the lock: whoever has it appends, and sees what was appended before.
        const head = await transaction
          .selectFrom('auditHead')
          .selectAll()
          .modifyEnd(sql.forUpdate)
          .executeTakeFirstOrThrow()
        const clock = await transaction.selectNoFrom(sql.now.as('now')).executeTakeFirstOrThrow()
        const ms = Math.max(clock.now, head.lastAt)
        let { hash } = head
        const entries = acts.map((act, index): AuditEntry => {
          const entry = { ...kept(act), sequence: head.sequence + index + 1, at: toTime(ms) }
          hash = hashEntry(hash, entry)
          return { ...entry, hash }
        })
        for (let start = 0; start < entries.length; start += rowsAStatement) {
          const rows = entries.slice(start, start + rowsAStatement).map(toColumns)
          await transaction.insertInto('auditEntries').values(rows).execute()
        }
        const sequence = head.sequence + entries.length
        await transaction
          .updateTable('auditHead')
          .set({ sequence, hash, lastAt: ms, signature: sign(sequence, hash) })
          .execute()
        return entries
      })
    },

    async list(query) {
      let page = matching(tables, query)
        .orderBy('sequence', 'desc')
        .limit(query.limit + 1)
      if (query.cursor !== undefined) page = page.where(after(newestFirst, query.cursor))
      const found = await page.execute()
      const { rows, nextCursor } = cut(newestFirst, found, query.limit, (row) => ({
        value: row.sequence,
        id: String(row.sequence),
      }))
      return { items: rows.map(toEntry), nextCursor }
    },

    async read(filter, afterSequence, limit) {
      const rows = await matching(tables, filter)
        .where('sequence', '>', afterSequence)
        .orderBy('sequence')
        .limit(limit)
        .execute()
      return rows.map(toEntry)
    },

    head: () =>
      tables.selectFrom('auditHead').select(['sequence', 'hash', 'signature']).executeTakeFirstOrThrow(),
  }
}

function matching(tables: Database['tables'], filter: AuditFilter) {
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

/** Texts as both databases give them back, so that an entry hashes alike when it is written and when it is read. */
function kept(act: AuditAct): AuditAct {
  const state = (value: AuditState | null) =>
    value === null ? null : auditStateSchema.parse(JSON.parse(JSON.stringify(value)))
  return {
    ...act,
    actor: { ...act.actor, name: storable(act.actor.name) },
    object: act.object === null ? null : { ...act.object, name: storable(act.object.name) },
    before: state(act.before),
    after: state(act.after),
  }
}

function toColumns(entry: AuditEntry): Insertable<AuditEntryTable> {
  return {
    sequence: entry.sequence,
    at: toMs(entry.at),
    actorKind: entry.actor.kind,
    actorId: entry.actor.id,
    actorName: entry.actor.name,
    action: entry.action,
    actionKind: entry.action.split('.', 1)[0] ?? entry.action,
    objectKind: entry.object?.kind ?? null,
    objectId: entry.object?.id ?? null,
    objectName: entry.object?.name ?? null,
    result: entry.result,
    reason: entry.reason,
    stateBefore: entry.before === null ? null : JSON.stringify(entry.before),
    stateAfter: entry.after === null ? null : JSON.stringify(entry.after),
    address: entry.address,
    agent: entry.agent,
    requestId: entry.requestId,
    hash: entry.hash,
  }
}

function toEntry(row: Selectable<AuditEntryTable>): AuditEntry {
  const state = (text: string | null) =>
    text === null ? null : readJson(text, auditStateSchema, 'audit_entries.state')
  const { objectKind, objectId, objectName } = row
  const parsed = auditEntrySchema.safeParse({
    sequence: row.sequence,
    at: toTime(row.at),
    actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
    action: row.action,
    object:
      objectKind === null || objectId === null
        ? null
        : { kind: objectKind, id: objectId, name: objectName ?? '' },
    result: row.result,
    reason: row.reason,
    before: state(row.stateBefore),
    after: state(row.stateAfter),
    address: row.address,
    agent: row.agent,
    requestId: row.requestId,
    hash: row.hash,
  })
  if (parsed.success) return parsed.data
  throw new LatchworkError('internal', {
    cause: new Error('an entry of the audit log holds something unexpected'),
  })
}
