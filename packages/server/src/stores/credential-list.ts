import type { CredentialListQuery } from '@latchwork/contract'
import { type SqlBool, sql } from 'kysely'
import type { Viewer } from './access-interface.ts'
import { toRow } from './credential-row.ts'
import type { Database } from './database.ts'
import { matches } from './folding.ts'
import type { CredentialRow, PageOf } from './interfaces.ts'
import { after, cut, type Order } from './paging.ts'
import { visibleTo } from './viewing.ts'

const orders = {
  name: { name: 'name', column: 'nameKey', id: 'id', holds: 'text', direction: 'asc' },
  '-updatedAt': { name: 'updated', column: 'updatedAt', id: 'id', holds: 'number', direction: 'desc' },
  '-lastUsedAt': { name: 'used', column: 'lastUsedAt', id: 'id', holds: 'number', direction: 'desc' },
} as const satisfies Record<CredentialListQuery['sort'], Order>

/** To the letter the condition of the indexes, without which neither database would use them. */
const saved = sql<SqlBool>`status <> 'draft' and deleted_at is null`

type Tables = Database['tables']

function matching(tables: Tables, query: CredentialListQuery, viewer: Viewer) {
  let rows = tables.selectFrom('credentials').where(saved)
  if (query.connector !== undefined) rows = rows.where('connector', '=', query.connector)
  if (query.method !== undefined) rows = rows.where('method', '=', query.method)
  if (query.status !== undefined) rows = rows.where('status', '=', query.status)
  const visible = visibleTo(viewer, 'credential', { id: 'id', owner: 'ownerId' })
  if (visible !== null) rows = rows.where(visible)
  const words = matches(query.query, ['searchName', 'searchDescription', 'searchAccount', 'searchTags'])
  return words === null ? rows : rows.where(words)
}

/** One row more than the page has, to see whether there is another page. */
export function credentialPage(tables: Tables, query: CredentialListQuery, viewer: Viewer = null) {
  const order = orders[query.sort]
  const page = matching(tables, query, viewer)
    .selectAll()
    .orderBy(order.column, order.direction)
    .orderBy('id', order.direction)
    .limit(query.limit + 1)
  return query.cursor === undefined ? page : page.where(after(order, query.cursor))
}

export function credentialCount(tables: Tables, query: CredentialListQuery, viewer: Viewer = null) {
  return matching(tables, query, viewer).select((eb) => eb.fn.countAll<number>().as('total'))
}

export async function listCredentials(
  { tables }: Database,
  query: CredentialListQuery,
  viewer: Viewer,
): Promise<PageOf<CredentialRow>> {
  const order = orders[query.sort]
  const found = await credentialPage(tables, query, viewer).execute()
  const { rows, nextCursor } = cut(order, found, query.limit, (row) => ({
    value: row[order.column],
    id: row.id,
  }))
  const items = rows.map(toRow)
  if (query.cursor === undefined && nextCursor === null) return { items, nextCursor, total: items.length }
  const { total } = await credentialCount(tables, query, viewer).executeTakeFirstOrThrow()
  return { items, nextCursor, total }
}
