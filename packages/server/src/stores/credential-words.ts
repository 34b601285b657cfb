import type { Database } from './database.ts'

/*
 * PostgreSQL has the words of credentials, each with who holds it in the order of names (see docs/adr/0008). A search
 * that asks for a part of few words reads what holds these and looks for the rest of the search in it alone.
 */

/** More words than that, and walking the list meets them as soon. */
const mostWords = 10
/** Shorter parts have no trigram. */
const shortest = 3
/** Each part of a word up to this length is in one piece of the word: see migrations/0008. */
const longest = 50
/** To tell the rarest part, holders are counted so far, of so many parts. */
const countedTo = 1_000
const comparedParts = 5

/**
 * Words of the stored credentials such that what holds the search holds one of them: those that have the rarest part of
 * the search. None if nothing holds it; null if each part is of too many words.
 * @param words folded, without white space
 */
export async function leadingWords(
  { tables }: Database,
  words: readonly string[],
): Promise<readonly string[] | null> {
  let leading: { readonly words: readonly string[]; readonly holders: number } | null = null
  for (const part of partsOf(words)) {
    const found = await tables
      .selectFrom('credentialVocabulary')
      .select('word')
      .where('word', 'like', `%${part}%`)
      .limit(mostWords + 1)
      .execute()
    if (found.length === 0) return []
    if (found.length > mostWords) continue
    const having = found.map(({ word }) => word)
    const holders = await holdersOf(tables, having)
    if (leading === null || holders < leading.holders) leading = { words: having, holders }
  }
  return leading?.words ?? null
}

/** Letters and digits, as the words were cut out of the texts; so nothing in them means anything to `like`. */
function partsOf(words: readonly string[]): string[] {
  const parts = words.flatMap((word) => word.split(/[^a-z0-9\u0080-\u{10ffff}]+/u))
  const letters = parts.map((part) => [...part].slice(0, longest)).filter((part) => part.length >= shortest)
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
