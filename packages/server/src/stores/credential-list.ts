import type { CredentialListQuery } from '@latchwork/contract'
import { sql } from 'kysely'
import type { Viewer } from './access-interface.ts'
import { toRow } from './credential-row.ts'
import { searchFor } from './credential-search.ts'
import { type ListRequest, matching, streamsOf } from './credential-streams.ts'
import type { Database } from './database.ts'
import type { CredentialRow } from './interfaces.ts'
import { after, cut, type Order, type PageOf } from './paging.ts'

/*
 * A page costs what it shows. Whoever sees all reads the credentials in the order of an index. A member sees two streams,
 * what is theirs or shared with them and what is shared with everyone, each in the order of an index as well: a page is
 * the first of both. By last use there is no such index for members: theirs are sorted, or all are walked, whichever is less.
 * Whoever sees all has streams too where a search is led by words: what holds each of these, in the order of names.
 */

const orders = {
  name: { name: 'name', column: 'nameKey', id: 'id', holds: 'text', direction: 'asc' },
  '-updatedAt': { name: 'updated', column: 'updatedAt', id: 'id', holds: 'number', direction: 'desc' },
  '-lastUsedAt': { name: 'used', column: 'lastUsedAt', id: 'id', holds: 'number', direction: 'desc' },
} as const satisfies Record<CredentialListQuery['sort'], Order>

/** A list is counted as far as that costs no more than its page: beyond, it is "more than". */
const countedTo = 1_000
const countedToWithWords = 100

type Tables = Database['tables']
type Stream = ReturnType<typeof streamsOf>[number]

/** One row more than the page has, to see whether there is another page. */
export function credentialPage(tables: Tables, request: ListRequest) {
  const { query, viewer } = request
  const order = orders[query.sort]
  const inStreams = query.sort === 'name' || (query.sort === '-updatedAt' && viewer !== null)
  const [first, ...others] = inStreams
    ? streamsOf(tables, request).map((stream) => firstOf(tables, query, order, stream))
    : []
  if (first !== undefined) {
    const seen = others.reduce((union, more) => union.union(more), first)
    return firstAmong(tables, query, order, seen)
  }
  const page = matching(tables, request)
    .selectAll('credentials')
    .orderBy(order.column, order.direction)
    .orderBy('id', order.direction)
    .limit(query.limit + 1)
  return query.cursor === undefined ? page : page.where(after(order, query.cursor))
}

/** Those of a stream that may be on the page. */
function firstOf(tables: Tables, { limit, cursor }: CredentialListQuery, order: Order, stream: Stream) {
  const { column, direction } = order
  const rest = cursor === undefined ? stream : stream.where(after({ ...order, id: 'credentialId' }, cursor))
  const rows = rest
    .select(['credentialId', sql.ref<string | number>(column).as('place')])
    .orderBy(sql.ref(column), direction)
    .orderBy('credentialId', direction)
    .limit(limit + 1)
  return tables.selectFrom(rows.as('first')).selectAll()
}

function firstAmong(
  tables: Tables,
  { limit }: CredentialListQuery,
  { column, direction }: (typeof orders)[CredentialListQuery['sort']],
  seen: ReturnType<typeof firstOf>,
) {
  const shown = tables
    .selectFrom(seen.as('seen'))
    .selectAll()
    .orderBy('place', direction)
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
  const [first, ...others] = streamsOf(tables, request).map((stream) =>
    tables.selectFrom(stream.select('credentialId as id').limit(upTo).as('first')).selectAll(),
  )
  const seen =
    first === undefined
      ? tables.selectFrom(matching(tables, request).select('id').limit(upTo).as('first')).selectAll()
      : others.reduce((union, more) => union.union(more), first)
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
  const search = await searchFor(database, query.query, viewer)
  const request = { query, viewer, search }
  const order = orders[query.sort]
  const found = await credentialPage(tables, request).execute()
  const { rows, nextCursor } = cut(order, found, query.limit, (row) => ({
    value: row[order.column],
    id: row.id,
  }))
  const items = rows.map(toRow)
  if (query.cursor === undefined && nextCursor === null) return { items, nextCursor, total: items.length }
  const most = Math.max(search === null ? countedTo : countedToWithWords, query.limit)
  const { total } = await credentialCount(tables, request, most + 1).executeTakeFirstOrThrow()
  return total > most ? { items, nextCursor, total: most, totalCapped: true } : { items, nextCursor, total }
}
