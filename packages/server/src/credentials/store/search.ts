import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../database/database.ts'
import { holdsWords, searchWords } from '../../database/folding.ts'
import { everyone, type Viewer } from '../../identity/store/viewing.ts'
import { leadingWords, shortestPart } from './words.ts'

/** With at most so many credentials that hold the words, a list begins with them. */
const rareUpTo = 1_000
/** Credentials that a member sees. */
const few = 2_000

/** The condition that a credential, by the column of its id, holds every word of a search. */
export type HoldsWords = (id: string) => RawBuilder<boolean>

export interface Search {
  readonly holds: HoldsWords
  /** Null if the database doesn't know such words, or they would not lead the viewer far. */
  readonly leading: Leading | null
}

export interface Leading {
  /** What holds the search holds one of these words, whose holders stand in the order of names. */
  readonly words: readonly string[]
  /** And one of each of these. */
  readonly others: readonly (readonly string[])[]
  /** As the search's own, but never turned into a look-up: each credential that is met is asked. */
  readonly asks: HoldsWords
}

const nothing: Search = { holds: () => sql`1 = 0`, leading: null }

/**
 * How a search finds its credentials; null for an empty one. Common words are met soon while a list is walked in its
 * order, rare ones are looked up in the trigrams.
 */
export async function searchFor(database: Database, query: string, viewer: Viewer): Promise<Search | null> {
  const words = searchWords(query)
  if (words.length === 0) return null
  return database.sql.kind === 'postgres'
    ? searchPostgres(database, words, viewer)
    : searchSqlite(database, words)
}

/**
 * PostgreSQL tells common words from rare ones by its statistics. Whoever sees all is led through the words that it
 * keeps; of a member who sees few, each that they see is asked.
 */
async function searchPostgres(database: Database, words: readonly string[], viewer: Viewer): Promise<Search> {
  const condition = holdsWords(sql.ref('text'), words)
  const holds = having(numbersFirst(words) ?? condition)
  const asks: HoldsWords = (id) =>
    sql`(select ${condition} from credential_texts where credential_id = ${sql.ref(id)})`
  if (viewer !== null) return { holds: (await seesFew(database, viewer)) ? asks : holds, leading: null }
  const known = await leadingWords(database, words)
  if (known?.length === 0) return nothing
  const [leading, ...others] = known ?? []
  return { holds, leading: leading === undefined ? null : { words: leading, others, asks } }
}

/** Whether going through all that a member sees costs less than looking anything up. */
async function seesFew({ tables }: Database, viewer: NonNullable<Viewer>): Promise<boolean> {
  const seen = await tables
    .selectFrom('credentialViewers')
    .select('credentialId')
    .where('viewerId', 'in', [viewer.memberId, everyone])
    .offset(few)
    .limit(1)
    .executeTakeFirst()
  return seen === undefined
}

/** SQLite has no statistics, and is asked for the first thousand. */
async function searchSqlite(database: Database, words: readonly string[]): Promise<Search> {
  const condition = holdsWords(sql.ref('text'), words)
  const rare = await rareOnes(database, words, condition)
  if (rare?.length === 0) return nothing
  const holds: HoldsWords =
    rare === null ? having(condition) : (id) => sql`${sql.ref(id)} in (${sql.join(rare)})`
  return { holds, leading: null }
}

function having(condition: RawBuilder<boolean>): HoldsWords {
  return (id) =>
    sql`exists (select 1 from credential_texts where credential_id = ${sql.ref(id)} and ${condition})`
}

/**
 * Looks only numbers up, and the other words in what they lead to; null without a number. Each word more that is looked
 * up is read for all credentials that hold it, and a number is as good as a name.
 */
function numbersFirst(words: readonly string[]): RawBuilder<boolean> | null {
  const isNumber = (word: string) => /\d{3}/.test(word)
  const [numbers, others] = [words.filter(isNumber), words.filter((word) => !isNumber(word))]
  if (numbers.length === 0 || others.length === 0) return null
  // An expression that the index is not on.
  return sql`(${holdsWords(sql.ref('text'), numbers)} and ${holdsWords(sql`(text || '')`, others)})`
}

/** Ids of the credentials that hold the words; null if they may be many. */
async function rareOnes(
  { tables }: Database,
  words: readonly string[],
  holds: RawBuilder<boolean>,
): Promise<string[] | null> {
  const indexed = words.filter((word) => [...word].length >= shortestPart)
  if (indexed.length === 0) return null
  const phrases = indexed.map((word) => `"${word.replaceAll('"', '""')}"`).join(' ')
  const numbers = await sql<{ number: number }>`select rowid as number from credential_trigrams
    where credential_trigrams match ${phrases} limit ${sql.lit(rareUpTo + 1)}`.execute(tables)
  if (numbers.rows.length > rareUpTo) return null
  if (numbers.rows.length === 0) return []
  const found = await sql<{ id: string }>`select credential_id as id from credential_texts
    where number in (${sql.join(numbers.rows.map(({ number }) => number))}) and ${holds}`.execute(tables)
  return found.rows.map(({ id }) => id)
}
