import { sql } from 'kysely'
import type { OpenStores } from '../../src/app/stores.ts'

/** All that the database holds, as JSON of its rows by table: what a dump of it would show. */
async function dumpOf({ kysely }: Pick<OpenStores, 'kysely'>): Promise<ReadonlyMap<string, string>> {
  const dump = new Map<string, string>()
  for (const { schema, name, isView } of await kysely.introspection.getTables()) {
    if (isView) continue
    const { rows } =
      await sql`select * from ${sql.table(schema === undefined ? name : `${schema}.${name}`)}`.execute(kysely)
    dump.set(name, JSON.stringify(rows))
  }
  return dump
}

/** The tables that hold any of the texts. */
export async function tablesHolding(
  stores: Pick<OpenStores, 'kysely'>,
  texts: readonly string[],
): Promise<string[]> {
  const dump = await dumpOf(stores)
  return [...dump].filter(([, rows]) => texts.some((text) => rows.includes(text))).map(([name]) => name)
}
