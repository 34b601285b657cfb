import type { CredentialListQuery } from '@latchwork/contract'
import { type SqlBool, sql } from 'kysely'
import type { Database } from '../../database/database.ts'
import { matches } from '../../database/folding.ts'
import { after, cut, type Order, type PageOf } from '../../database/paging.ts'
import { everyone, type Viewer } from '../../identity/store/viewing.ts'
import { type CredentialRow, toRow } from './row.ts'

const orders = {
  name: { name: 'name', column: 'nameKey', id: 'id', holds: 'text', direction: 'asc' },
  '-updatedAt': { name: 'updated', column: 'updatedAt', id: 'id', holds: 'number', direction: 'desc' },
  '-lastUsedAt': { name: 'used', column: 'lastUsedAt', id: 'id', holds: 'number', direction: 'desc' },
} as const satisfies Record<CredentialListQuery['sort'], Order>

const searched = ['searchName', 'searchDescription', 'searchAccount', 'searchTags']

/** A list is counted as far as that costs no more than its page: beyond, it is "more than". */
const countedTo = 1_000
const countedToWithWords = 100

/** To the letter the condition of the indexes, without which neither database would use them. */
const saved = sql<SqlBool>`status <> 'draft' and deleted_at is null`

type Tables = Database['tables']

export interface ListRequest {
  readonly query: CredentialListQuery
  readonly viewer: Viewer
}

/** The credentials that a list shows. */
function listed(tables: Tables, { query, viewer }: ListRequest) {
  let rows = tables.selectFrom('credentials').where(saved)
  for (const column of ['connector', 'method', 'status'] as const)
    if (query[column] !== undefined) rows = rows.where(column, '=', query[column])
  const words = matches(query.query, searched)
  if (words !== null) rows = rows.where(words)
  return viewer === null ? rows : rows.where('id', 'in', seenBy(tables, viewer))
}

/** As two lists of ids: of an "or" neither database looks up the few that a member sees. */
function seenBy(tables: Tables, { memberId }: NonNullable<Viewer>) {
  return tables
    .selectFrom('credentials as own')
    .select('own.id')
    .where('own.ownerId', '=', memberId)
    .union(
      tables
        .selectFrom('resourceGrants')
        .select('resourceId as id')
        .where('subjectId', 'in', [memberId, everyone])
        .where('resourceKind', '=', 'credential'),
    )
}

/** One row more than the page has, to see whether there is another page. */
export function credentialPage(tables: Tables, request: ListRequest) {
  const { sort, limit, cursor } = request.query
  const order = orders[sort]
  const page = listed(tables, request)
    .selectAll('credentials')
    .orderBy(order.column, order.direction)
    .orderBy('id', order.direction)
    .limit(limit + 1)
  return cursor === undefined ? page : page.where(after(order, cursor))
}

/** Counts no further than `upTo`. */
export function credentialCount(tables: Tables, request: ListRequest, upTo: number) {
  return tables
    .selectFrom(listed(tables, request).select('id').limit(upTo).as('counted'))
    .select((eb) => eb.fn.countAll<number>().as('total'))
}

export async function listCredentials(
  { tables }: Database,
  query: CredentialListQuery,
  viewer: Viewer,
): Promise<PageOf<CredentialRow>> {
  const request = { query, viewer }
  const order = orders[query.sort]
  const found = await credentialPage(tables, request).execute()
  const { rows, nextCursor } = cut(order, found, query.limit, (row) => ({
    value: row[order.column],
    id: row.id,
  }))
  const items = rows.map(toRow)
  if (query.cursor === undefined && nextCursor === null) return { items, nextCursor, total: items.length }
  const most = Math.max(query.query.trim() === '' ? countedTo : countedToWithWords, query.limit)
  const { total } = await credentialCount(tables, request, most + 1).executeTakeFirstOrThrow()
  return total > most ? { items, nextCursor, total: most, totalCapped: true } : { items, nextCursor, total }
}
