import { CompiledQuery, type InsertQueryBuilder, type Kysely } from 'kysely'
import type { Sql } from './database.ts'

/**
 * Inserts rows of one shape by one statement. Kysely writes it for the first of them; its values are repeated for the
 * others, since a tree of all the values would cost more than to store them.
 * @param rows with the same columns in the same order
 */
export async function insertMany<Row extends object>(
  tables: Pick<Kysely<unknown>, 'executeQuery'>,
  { kind }: Pick<Sql, 'kind'>,
  rows: readonly Row[],
  insert: (row: Row) => Pick<InsertQueryBuilder<never, never, unknown>, 'compile'>,
): Promise<void> {
  const [first] = rows
  if (first === undefined) return
  const { sql, parameters } = insert(first).compile()
  const width = parameters.length
  const values = (row: number) => {
    const places = Array.from({ length: width }, (_, index) =>
      kind === 'postgres' ? `$${row * width + index + 1}` : '?',
    )
    return `(${places.join(', ')})`
  }
  const others = rows.slice(1).map((_, index) => `, ${values(index + 1)}`)
  await tables.executeQuery(
    CompiledQuery.raw(
      sql + others.join(''),
      rows.flatMap((row) => Object.values(row)),
    ),
  )
}
