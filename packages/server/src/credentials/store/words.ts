import { type SqlBool, sql } from 'kysely'
import type { Database } from '../../database/database.ts'

/*
 * PostgreSQL has the words of credentials, each with who holds it in the order of names (see docs/adr/0008). A search
 * that asks for a part of few words reads what holds these and looks for the rest of the search in it alone.
 */

/** Of a part with more words than that, the list is walked or the text looked up. */
const mostWords = 10
/** Shorter parts have no trigram. */
export const shortestPart = 3
/** Each part of a word up to this length is in one piece of the word: see migrations/0008. */
const longest = 50
/** To tell the rarest part, holders are counted so far, of so many parts. */
const countedTo = 1_000
const comparedParts = 5
const forgottenAtOnce = 1_000

/** The words of stored credentials that have one part of a search: what holds the search holds one of them. */
type WordsOfPart = readonly string[]

/**
 * What leads to the credentials that hold a search: for its parts, the rarest first, the words that have them. Empty if
 * nothing holds the search. Null if they would not lead far: each part is of too many words, or one is and may be rarer
 * than the others.
 * @param words folded, without white space
 */
export async function leadingWords(
  { tables }: Database,
  words: readonly string[],
): Promise<readonly WordsOfPart[] | null> {
  const known: { readonly words: WordsOfPart; readonly holders: number }[] = []
  const parts = partsOf(words)
  for (const part of parts) {
    const found = await tables
      .selectFrom('credentialVocabulary')
      .select('word')
      .where('word', 'like', `%${part}%`)
      .limit(mostWords + 1)
      .execute()
    if (found.length === 0) return []
    if (found.length > mostWords) continue
    const having = found.map(({ word }) => word)
    known.push({ words: having, holders: await holdersOf(tables, having) })
  }
  const [rarest, ...others] = known.toSorted((a, b) => a.holders - b.holders)
  if (rarest === undefined) return null
  if (known.length < parts.length && rarest.holders === countedTo) return null
  return [rarest, ...others].map((part) => part.words)
}

/** Letters and digits, as the words were cut out of the texts; so nothing in them means anything to `like`. */
function partsOf(words: readonly string[]): string[] {
  const parts = words.flatMap((word) => word.split(/[^a-z0-9\u0080-\u{10ffff}]+/u))
  const letters = parts
    .map((part) => [...part].slice(0, longest))
    .filter((part) => part.length >= shortestPart)
  const longestFirst = letters.toSorted((a, b) => b.length - a.length).map((part) => part.join(''))
  return [...new Set(longestFirst)].slice(0, comparedParts)
}

async function holdersOf(tables: Database['tables'], words: readonly string[]): Promise<number> {
  const { holders } = await tables
    .selectFrom(
      tables
        .selectFrom('credentialWords')
        .select('credentialId')
        .where('word', 'in', words)
        .limit(countedTo)
        .as('counted'),
    )
    .select((eb) => eb.fn.countAll<number>().as('holders'))
    .executeTakeFirstOrThrow()
  return holders
}

/**
 * Takes words that nobody holds out of the vocabulary. The triggers do so too, but for words whose last two holders were
 * taken away in the same moment: each of the two saw the other.
 */
export async function forgetWords({ tables }: Database): Promise<void> {
  const unheld = sql<SqlBool>`not exists (select 1 from credential_words held where held.word = vocabulary.word)`
  for (let found = forgottenAtOnce; found === forgottenAtOnce; ) {
    found = await tables.transaction().execute(async (transaction) => {
      const words = await transaction
        .selectFrom('credentialVocabulary as vocabulary')
        .select('word')
        .where(unheld)
        .limit(forgottenAtOnce)
        .forUpdate()
        .skipLocked()
        .execute()
      if (words.length === 0) return 0
      // Looked at once more: somebody may have added one before it was locked.
      await transaction
        .deleteFrom('credentialVocabulary as vocabulary')
        .where(
          'word',
          'in',
          words.map(({ word }) => word),
        )
        .where(unheld)
        .execute()
      return words.length
    })
  }
}
