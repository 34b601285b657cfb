import { type SelectQueryBuilder, sql } from 'kysely'

type Explained = Pick<SelectQueryBuilder<never, never, unknown>, 'explain'>

/** How the database goes about a query, a line for each step. */
export async function planOf(kind: 'sqlite' | 'postgres', query: Explained): Promise<string> {
  const rows = await (kind === 'sqlite' ? query.explain(undefined, sql`query plan`) : query.explain())
  return rows.map((row) => Object.values(row).join(' ')).join('\n')
}
