import { type Kysely, sql } from 'kysely'
import { searchable } from '../folding.ts'
import type { ColumnKinds } from './kinds.ts'

const foldedColumns = {
  credentials: ['search_name', 'search_description', 'search_account', 'search_tags'],
  ends: ['search_name', 'search_description'],
  flows: ['search_name', 'search_description'],
  quarantine: ['search_text'],
}

/** Folds what was written before accents were folded. Most texts are ASCII and stay. */
export async function foldAccents(db: Kysely<unknown>, dialect: ColumnKinds['dialect']): Promise<void> {
  const isSqlite = dialect === 'sqlite'
  const place = isSqlite ? sql`rowid` : sql`cast(ctid as text)`
  for (const [table, columns] of Object.entries(foldedColumns)) {
    for (const column of columns) {
      const text = sql.ref(column)
      const isForeign = isSqlite ? sql`${text} glob '*[^ -~]*'` : sql`${text} ~ '[^ -~]'`
      const { rows } = await sql<{ place: string | number; text: string }>`
        select ${place} as place, ${text} as text from ${sql.table(table)} where ${isForeign}`.execute(db)
      for (const row of rows) {
        const after = searchable(row.text)
        if (after === row.text) continue
        const here = isSqlite ? sql`rowid = ${row.place}` : sql`ctid = cast(${row.place} as tid)`
        await sql`update ${sql.table(table)} set ${text} = ${after} where ${here}`.execute(db)
      }
    }
  }
}
