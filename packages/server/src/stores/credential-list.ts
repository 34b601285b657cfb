import type { CredentialListQuery } from '@latchwork/contract'
import { type SqlBool, sql } from 'kysely'
import type { Viewer } from './access-interface.ts'
import { toRow } from './credential-row.ts'
import { type HoldsWords, searchFor } from './credential-search.ts'
import type { Database } from './database.ts'
import type { CredentialRow, PageOf } from './interfaces.ts'
import { after, cut, type Order } from './paging.ts'
import { everyone } from './viewing.ts'

/*
 * A page costs what it shows. Whoever sees all reads the credentials in the order of an index. A member sees two streams,
 * what is theirs or shared with them and what is shared with everyone, each in the order of an index as well: a page is
 * the first of both. By last use there is no such index for members: theirs are sorted, or all are walked, whichever is less.
 */

const orders = {
  name: { name: 'name', column: 'nameKey', id: 'id', holds: 'text', direction: 'asc' },
  '-updatedAt': { name: 'updated', column: 'updatedAt', id: 'id', holds: 'number', direction: 'desc' },
  '-lastUsedAt': { name: 'used', column: 'lastUsedAt', id: 'id', holds: 'number', direction: 'desc' },
} as const satisfies Record<CredentialListQuery['sort'], Order>

/** To the letter the condition of the indexes, without which neither database would use them. */
const saved = sql<SqlBool>`status <> 'draft' and deleted_at is null`

/** A list is counted as far as that costs no more than its page: beyond, it is "more than". */
const countedTo = 1_000
const countedToWithWords = 100

type Tables = Database['tables']
export interface ListRequest {
  readonly query: CredentialListQuery
  readonly viewer: Viewer
  readonly words: HoldsWords | null
}

function matching(tables: Tables, { query, viewer, words }: ListRequest) {
  let rows = tables.selectFrom('credentials').where(saved)
  if (query.connector !== undefined) rows = rows.where('connector', '=', query.connector)
  if (query.method !== undefined) rows = rows.where('method', '=', query.method)
  if (query.status !== undefined) rows = rows.where('status', '=', query.status)
  if (words !== null) rows = rows.where(words('credentials.id'))
  if (viewer === null) return rows
  return rows.where('id', 'in', (eb) =>
    eb
      .selectFrom('credentialViewers')
      .select('credentialId')
      .where('viewerId', 'in', [viewer.memberId, everyone]),
  )
}

/** What one of the viewer's names sees. */
function stream(tables: Tables, { query, words }: ListRequest, viewerId: string) {
  let rows = tables.selectFrom('credentialViewers').where('viewerId', '=', viewerId)
  if (query.connector !== undefined) rows = rows.where('connector', '=', query.connector)
  if (query.status !== undefined) rows = rows.where('status', '=', query.status)
  if (query.method !== undefined) rows = rows.where('method', '=', query.method)
  return words === null ? rows : rows.where(words('credentialViewers.credentialId'))
}

/** One row more than the page has, to see whether there is another page. */
export function credentialPage(tables: Tables, request: ListRequest) {
  const { query, viewer } = request
  if (viewer !== null && query.sort !== '-lastUsedAt')
    return memberPage(tables, request, viewer.memberId, orders[query.sort])
  const order = orders[query.sort]
  const page = matching(tables, request)
    .selectAll()
    .orderBy(order.column, order.direction)
    .orderBy('id', order.direction)
    .limit(query.limit + 1)
  return query.cursor === undefined ? page : page.where(after(order, query.cursor))
}

function memberPage(
  tables: Tables,
  request: ListRequest,
  memberId: string,
  order: (typeof orders)['name' | '-updatedAt'],
) {
  const { limit, cursor } = request.query
  const { column, direction } = order
  const first = (viewerId: string) => {
    let rows = stream(tables, request, viewerId)
    if (cursor !== undefined) rows = rows.where(after({ ...order, id: 'credentialId' }, cursor))
    return rows
      .select([column, 'credentialId'])
      .orderBy(column, direction)
      .orderBy('credentialId', direction)
      .limit(limit + 1)
  }
  const both = tables
    .selectFrom(first(memberId).as('own'))
    .selectAll()
    .union(tables.selectFrom(first(everyone).as('open')).selectAll())
  const shown = tables
    .selectFrom(both.as('seen'))
    .selectAll()
    .orderBy(column, direction)
    .orderBy('credentialId', direction)
    .limit(limit + 1)
  return tables
    .selectFrom(shown.as('shown'))
    .innerJoin('credentials', 'credentials.id', 'shown.credentialId')
    .selectAll('credentials')
    .orderBy(`credentials.${column}`, direction)
    .orderBy('credentials.id', direction)
}

/** Counts no further than `upTo`. */
export function credentialCount(tables: Tables, request: ListRequest, upTo: number) {
  const { viewer } = request
  const counted = (viewerId: string) =>
    tables
      .selectFrom(stream(tables, request, viewerId).select('credentialId as id').limit(upTo).as('counted'))
      .selectAll()
  const seen =
    viewer === null
      ? tables.selectFrom(matching(tables, request).select('id').limit(upTo).as('counted')).selectAll()
      : counted(viewer.memberId).union(counted(everyone))
  return tables
    .selectFrom(tables.selectFrom(seen.as('seen')).select('id').limit(upTo).as('counted'))
    .select((eb) => eb.fn.countAll<number>().as('total'))
}

export async function listCredentials(
  database: Database,
  query: CredentialListQuery,
  viewer: Viewer,
): Promise<PageOf<CredentialRow>> {
  const { tables } = database
  const words = await searchFor(database, query.query)
  const request = { query, viewer, words }
  const order = orders[query.sort]
  const found = await credentialPage(tables, request).execute()
  const { rows, nextCursor } = cut(order, found, query.limit, (row) => ({
    value: row[order.column],
    id: row.id,
  }))
  const items = rows.map(toRow)
  if (query.cursor === undefined && nextCursor === null) return { items, nextCursor, total: items.length }
  const most = Math.max(words === null ? countedTo : countedToWithWords, query.limit)
  const { total } = await credentialCount(tables, request, most + 1).executeTakeFirstOrThrow()
  return total > most ? { items, nextCursor, total: most, totalCapped: true } : { items, nextCursor, total }
}
