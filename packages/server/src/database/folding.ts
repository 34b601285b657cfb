import { createHash } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import { columns } from './codec.ts'

/** Text without the differences that a search ignores: case, width, composition. */
export function fold(text: string): string {
  // Upper case first: it unites letters that lower case keeps apart (final sigma, sharp s).
  return text.toWellFormed().normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}

/** Folded further for the search of words: without accents, too. Names that differ by an accent are still two names. */
export function searchable(text: string): string {
  return fold(
    fold(text)
      .normalize('NFKD')
      .replaceAll(/[\u0300-\u036f]/g, ''),
  )
}

const keyBytes = 300

/**
 * The form by which names are compared and sorted. At most 300 bytes, so that it fits an index and a cursor; a longer
 * one ends with its hash.
 */
function sortName(name: string): string {
  const folded = fold(name)
  if (Buffer.byteLength(folded) <= keyBytes) return folded
  const hash = createHash('sha256').update(folded).digest('hex')
  let head = ''
  for (const letter of folded) {
    if (Buffer.byteLength(head + letter) > keyBytes - hash.length) break
    head += letter
  }
  return head + hash
}

/** The words of a query, folded as the search needs them. */
export function searchWords(query: string): string[] {
  return searchable(query)
    .split(/\s+/)
    .filter((word) => word !== '')
}

/**
 * The condition that each word of the query is in one of the columns, which hold folded text. Null for an empty query.
 */
export function matches(query: string, columns: readonly string[]): RawBuilder<boolean> | null {
  const words = searchWords(query)
  if (words.length === 0) return null
  const text = sql.join(
    columns.map((column) => sql.ref(column)),
    sql` || ' ' || `,
  )
  const conditions = words.map((word) => {
    const pattern = `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`
    return sql`(${text}) like ${pattern} escape '\\'`
  })
  return sql<boolean>`(${sql.join(conditions, sql` and `)})`
}

/**
 * The form by which names are sorted as people count: "Flow 2" before "Flow 10", "Äpfel" beside "Apfel". Before each number
 * stands how many digits it has. Names may share it: it is no more than a place in a list.
 */
export function naturalName(name: string): string {
  const counted = searchable(name).replaceAll(/\d+/g, (digits) => {
    const number = digits.replace(/^0+(?=\d)/, '')
    return number.length.toString(36).padStart(2, '0') + number
  })
  let key = ''
  for (const letter of counted) {
    if (Buffer.byteLength(key + letter) > keyBytes) break
    key += letter
  }
  return key
}

/** The columns that are derived from a name. */
export function nameColumns(name: string) {
  return { name, sortName: sortName(name), searchName: searchable(name) }
}

function descriptionColumns(description: string) {
  return { description, searchDescription: searchable(description) }
}

export const namedBy = columns(nameColumns, ({ name }) => name)
/** For a list that is sorted as people count. */
export const countedBy = columns(
  (name: string) => ({ ...nameColumns(name), naturalName: naturalName(name) }),
  ({ name }) => name,
)
export const describedBy = columns(descriptionColumns, ({ description }) => description)
