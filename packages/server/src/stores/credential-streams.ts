import type { CredentialListQuery } from '@latchwork/contract'
import { type SqlBool, sql } from 'kysely'
import type { Viewer } from './access-interface.ts'
import type { Leading, Search } from './credential-search.ts'
import type { Database } from './database.ts'
import { everyone } from './viewing.ts'

type Tables = Database['tables']

/** Credentials that a member sees. */
const few = 2_000

export interface ListRequest {
  readonly query: CredentialListQuery
  readonly viewer: Viewer
  readonly search: Search | null
}

/** To the letter the condition of the indexes, without which neither database would use them. */
const saved = sql<SqlBool>`status <> 'draft' and deleted_at is null`

/** The credentials that a list shows. */
export function matching(tables: Tables, { query, viewer, search }: ListRequest) {
  let rows = tables.selectFrom('credentials').where(saved)
  if (query.connector !== undefined) rows = rows.where('connector', '=', query.connector)
  if (query.method !== undefined) rows = rows.where('method', '=', query.method)
  if (query.status !== undefined) rows = rows.where('status', '=', query.status)
  if (search !== null) rows = rows.where(search.holds('credentials.id'))
  if (viewer === null) return rows
  return rows.where('id', 'in', (eb) =>
    eb
      .selectFrom('credentialViewers')
      .select('credentialId')
      .where('viewerId', 'in', [viewer.memberId, everyone]),
  )
}

/** A row for a credential, which an index has in the order of a list. */
interface StreamRow {
  readonly credentialId: string
  readonly nameKey: string
  /** Not of words: they stand in the order of names alone. */
  readonly updatedAt: number
}

/** What one of a member's names sees. */
function seenBy(tables: Tables, { query, search }: ListRequest, viewerId: string) {
  let rows = tables
    .selectFrom(sql<StreamRow>`credential_viewers`.as('stream'))
    .where(sql.ref('viewerId'), '=', viewerId)
  if (query.connector !== undefined) rows = rows.where(sql.ref('connector'), '=', query.connector)
  if (query.method !== undefined) rows = rows.where(sql.ref('method'), '=', query.method)
  if (query.status !== undefined) rows = rows.where(sql.ref('status'), '=', query.status)
  return search === null ? rows : rows.where(search.holds('stream.credentialId'))
}

/**
 * What holds one of the words that lead a search, and the rest of it. The rest and the filters are asked of each one that
 * is met: joined, PostgreSQL would rather read all that has them.
 */
function heldBy(tables: Tables, query: CredentialListQuery, word: string, { asks, others }: Rest) {
  let rows = tables
    .selectFrom(sql<StreamRow>`credential_words`.as('stream'))
    .where(sql.ref('stream.word'), '=', word)
    .where(asks('stream.credentialId'))
  for (const words of others) {
    const hasOne = sql<SqlBool>`(select true from credential_words other where other.word in (${sql.join(words)})
      and other.name_key = stream.name_key and other.credential_id = stream.credential_id limit 1)`
    rows = rows.where(hasOne)
  }
  for (const column of ['connector', 'method', 'status'] as const) {
    if (query[column] === undefined) continue
    const passes = sql<SqlBool>`(select ${sql.ref(column)} = ${query[column]} from credentials
      where id = stream.credential_id)`
    rows = rows.where(passes)
  }
  return rows
}
type Rest = Pick<Search, 'asks'> & Pick<Leading, 'others'>

/** A list is what its streams have together, where it has any. */
export function streamsOf(tables: Tables, request: ListRequest) {
  const { query, viewer, search } = request
  if (viewer !== null) return [viewer.memberId, everyone].map((viewerId) => seenBy(tables, request, viewerId))
  const leading = search?.leading ?? null
  if (search === null || leading === null) return []
  const rest = { asks: search.asks, others: leading.others }
  return leading.words.map((word) => heldBy(tables, query, word, rest))
}

/** Whether going through all that the viewer sees costs less than looking anything up. */
export async function seesFew(tables: Tables, { memberId }: { readonly memberId: string }): Promise<boolean> {
  const seen = await tables
    .selectFrom('credentialViewers')
    .select('credentialId')
    .where('viewerId', 'in', [memberId, everyone])
    .offset(few)
    .limit(1)
    .executeTakeFirst()
  return seen === undefined
}
