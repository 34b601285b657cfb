import type { CredentialListQuery } from '@latchwork/contract'
import { type SqlBool, sql } from 'kysely'
import type { Database } from '../../database/database.ts'
import { matches, searchWords } from '../../database/folding.ts'
import { everyone } from '../../database/identity-tables.ts'
import { type Order, type PageOf, readPage, sortedRows } from '../../database/paging.ts'
import { type OwnerFilter, ownedBy, type Viewer } from '../../identity/store/viewing.ts'
import { type CredentialRow, toRow } from './row.ts'

/*
 * A viewer who sees everything reads the credentials in the order of an index. A member sees two lists, each in the
 * order of an index as well: what is theirs or shared with them, and what is shared with everyone. A page is the first
 * part of both. A search, and a member's list by last use, have no such index: see docs/adr/0014.
 */

const orders = {
  name: { name: 'name', column: 'sortName', id: 'id', holds: 'text', direction: 'asc' },
  '-updatedAt': { name: 'updated', column: 'updatedAt', id: 'id', holds: 'number', direction: 'desc' },
  '-lastUsedAt': { name: 'used', column: 'lastUsedAt', id: 'id', holds: 'number', direction: 'desc' },
} as const satisfies Record<CredentialListQuery['sort'], Order>

/** Must be the columns of the trigram index, to the letter (migrations/0018). */
const searched = ['searchName', 'searchDescription', 'searchAccount', 'searchTags']

/** A list is counted up to this number, so that it costs no more than its page. A longer one shows "more than". */
const countedTo = 1_000
const countedToWithWords = 100

type Tables = Database['tables']

export interface ListRequest {
  readonly query: CredentialListQuery & OwnerFilter
  readonly viewer: Viewer
}

/** Must be the condition of the indexes, to the letter. Otherwise neither database would use them. */
const saved = sql<SqlBool>`status <> 'draft' and deleted_at is null`

/** The conditions of a list's filters, on columns that credentials and their viewers have in common. */
const filtersOf = (query: CredentialListQuery) =>
  (['connector', 'method', 'status'] as const).flatMap((column) =>
    query[column] === undefined ? [] : [sql<SqlBool>`${sql.ref(column)} = ${query[column]}`],
  )

/** The credentials that a list shows. */
function listed(tables: Tables, { query, viewer }: ListRequest) {
  let rows = tables.selectFrom('credentials').where(saved)
  for (const filter of filtersOf(query)) rows = rows.where(filter)
  const words = matches(query.query, searched)
  if (words !== null) rows = rows.where(words)
  const owned = ownedBy(query, 'ownerId')
  if (owned !== null) rows = rows.where(owned)
  if (viewer === null) return rows
  return rows.where('id', 'in', (eb) =>
    eb
      .selectFrom('credentialViewers')
      .select('credentialId')
      .where('viewerId', 'in', [viewer.memberId, everyone]),
  )
}

/** The indexes of what a member sees know neither words nor owners. */
const isSearch = ({ query, owned }: ListRequest['query']) =>
  searchWords(query).length > 0 || owned !== undefined

/** The credentials of one viewer: a member, or everyone. */
function seenBy(tables: Tables, query: CredentialListQuery, viewerId: string) {
  let rows = tables.selectFrom('credentialViewers').where('viewerId', '=', viewerId)
  for (const filter of filtersOf(query)) rows = rows.where(filter)
  return rows
}

/** The first credentials that a member sees, from the first of both lists. */
function seenFirst(tables: Tables, query: CredentialListQuery, memberId: string) {
  const order = orders[query.sort]
  const firstOf = (viewerId: string) => {
    const seen = seenBy(tables, query, viewerId)
    const rows = seen.select(['credentialId', sql.ref<string | number>(order.column).as('place')])
    return tables
      .selectFrom(sortedRows(rows, query, { ...order, id: 'credentialId' }).as('first'))
      .selectAll()
  }
  const rows = tables.selectFrom(firstOf(memberId).union(firstOf(everyone)).as('seen')).select('credentialId')
  return sortedRows(rows, { limit: query.limit }, { ...order, column: 'place', id: 'credentialId' })
}

/** The rows that a page is read from: see `readPage`. */
export function credentialPage(tables: Tables, request: ListRequest) {
  const { query, viewer } = request
  const order = orders[query.sort]
  if (viewer === null || isSearch(query) || query.sort === '-lastUsedAt')
    return { rows: listed(tables, request).selectAll('credentials'), query, order }
  const first = seenFirst(tables, query, viewer.memberId)
  const rows = tables.selectFrom('credentials').selectAll('credentials').where('id', 'in', first)
  // They are behind the cursor already.
  return { rows, query: { limit: query.limit }, order }
}

/** Counts no further than `upTo`. */
export function credentialCount(tables: Tables, request: ListRequest, upTo: number) {
  const { query, viewer } = request
  const seen = (viewerId: string) => {
    const ids = seenBy(tables, query, viewerId).select('credentialId as id').limit(upTo)
    return tables.selectFrom(ids.as('first')).select('id')
  }
  const all =
    viewer !== null && !isSearch(query)
      ? seen(viewer.memberId).union(seen(everyone))
      : tables.selectFrom(listed(tables, request).select('id').limit(upTo).as('first')).select('id')
  return tables
    .selectFrom(tables.selectFrom(all.as('all')).select('id').limit(upTo).as('counted'))
    .select((eb) => eb.fn.countAll<number>().as('total'))
}

export async function listCredentials(
  { tables }: Database,
  query: ListRequest['query'],
  viewer: Viewer,
): Promise<PageOf<CredentialRow>> {
  const request = { query, viewer }
  const { rows, ...page } = credentialPage(tables, request)
  const { items, nextCursor } = await readPage(rows, { ...page, toItems: (found) => found.map(toRow) })
  if (query.cursor === undefined && nextCursor === null) return { items, nextCursor, total: items.length }
  const most = Math.max(isSearch(query) ? countedToWithWords : countedTo, query.limit)
  const { total } = await credentialCount(tables, request, most + 1).executeTakeFirstOrThrow()
  return total > most ? { items, nextCursor, total: most, totalCapped: true } : { items, nextCursor, total }
}
