import type { CredentialListQuery } from '@latchwork/contract'
import { type SqlBool, sql } from 'kysely'
import type { Database } from '../../database/database.ts'
import { everyone, type Viewer } from '../../identity/store/viewing.ts'
import type { Leading, Search } from './search.ts'

type Tables = Database['tables']

export interface ListRequest {
  readonly query: CredentialListQuery
  readonly viewer: Viewer
  readonly search: Search | null
}

/** To the letter the condition of the indexes, without which neither database would use them. */
const saved = sql<SqlBool>`status <> 'draft' and deleted_at is null`

/** The conditions of a list's filters, on columns that credentials and their viewers have alike. */
const filtersOf = (query: CredentialListQuery) =>
  (['connector', 'method', 'status'] as const).flatMap((column) =>
    query[column] === undefined ? [] : [sql<SqlBool>`${sql.ref(column)} = ${query[column]}`],
  )

/** The credentials that a list shows. */
export function matching(tables: Tables, { query, viewer, search }: ListRequest) {
  let rows = tables.selectFrom('credentials').where(saved)
  for (const filter of filtersOf(query)) rows = rows.where(filter)
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
  for (const filter of filtersOf(query)) rows = rows.where(filter)
  return search === null ? rows : rows.where(search.holds('stream.credentialId'))
}

/**
 * What holds one of the words that lead a search, and the rest of it. The rest and the filters are asked of each one that
 * is met: joined, PostgreSQL would rather read all that has them.
 */
function heldBy(tables: Tables, query: CredentialListQuery, word: string, { asks, others }: Leading) {
  let rows = tables
    .selectFrom(sql<StreamRow>`credential_words`.as('stream'))
    .where(sql.ref('stream.word'), '=', word)
    .where(asks('stream.credentialId'))
  for (const words of others) {
    const hasOne = sql<SqlBool>`(select true from credential_words other where other.word in (${sql.join(words)})
      and other.name_key = stream.name_key and other.credential_id = stream.credential_id limit 1)`
    rows = rows.where(hasOne)
  }
  for (const filter of filtersOf(query))
    rows = rows.where(sql<SqlBool>`(select ${filter} from credentials where id = stream.credential_id)`)
  return rows
}

/** What a list is read from, and has together; none for a list that is walked. */
export function streamsOf(tables: Tables, request: ListRequest) {
  const { query, viewer, search } = request
  if (viewer !== null) return [viewer.memberId, everyone].map((viewerId) => seenBy(tables, request, viewerId))
  const leading = search?.leading ?? null
  return leading === null ? [] : leading.words.map((word) => heldBy(tables, query, word, leading))
}
