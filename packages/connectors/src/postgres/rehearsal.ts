import type { Client } from 'pg'
import { isPassing } from './failures.ts'
import { columnName, type Table } from './table-names.ts'
import { type RefusedRow, type Row, writePage } from './upsert.ts'

/* A page is written into the table itself and rolled back: for what only the table has, which its copy has not. */

/** What keeps a page from being tried there; null: nothing. */
interface Obstacle {
  readonly triggers: boolean
  readonly rules: boolean
  readonly itself: boolean
  readonly cascades: boolean
}

const sentences: Readonly<Record<keyof Obstacle, string>> = {
  triggers:
    'The table has triggers. What they do may not be rolled back, so they were not tried: a run may refuse more.',
  rules:
    'The table has rules. What they do may not be rolled back, so the rows and references that are there were not tried: a run may refuse more.',
  itself:
    'The rows of the table refer to one another. A run writes more of them at once, so references were not tried: a run may refuse more.',
  cascades:
    'A change of a row is passed on to other tables. That was not tried, nor were the rows and references that are there: a run may refuse more.',
}

/** That somebody else holds rows which a page would change. */
const locked =
  'Somebody else was changing the table, so the rows and references that are there were not tried: a run may refuse more.'

/** What the rows and references of the table say to a page. */
export interface TriedInPlace {
  readonly refused: readonly RefusedRow[]
  /** Why it was not tried, as a sentence; null if it was. */
  readonly untried: string | null
}

/**
 * Writes rows into the table, within a transaction that is open and never committed. The table's rows are held for as long as the transaction lasts, and sequences
 * that it uses skip numbers.
 * @param present names of the columns that the table has: the others would be added by a run
 */
export async function tryInPlace(
  client: Client,
  table: Table,
  rows: readonly Row[],
  present: ReadonlySet<string>,
): Promise<TriedInPlace> {
  const places = table.columns.flatMap(({ name }, index) => (present.has(columnName(name)) ? [index] : []))
  const narrowed: Table = { ...table, columns: places.flatMap((place) => table.columns[place] ?? []) }
  const cells = rows.map((row) => ({ ...row, cells: places.map((place) => row.cells[place] ?? null) }))
  const obstacle = await obstacleOf(client, table)
  if (obstacle !== null) return { refused: [], untried: sentences[obstacle] }
  await client.query(
    "SAVEPOINT latchwork_place; SET LOCAL lock_timeout = '1s'; DROP TABLE IF EXISTS pg_temp.latchwork_page",
  )
  try {
    const refused = await writePage(
      client,
      narrowed,
      { rows: cells, items: [] },
      {
        deletions: 'leave',
        marks: new Set(),
        begun: null,
      },
    )
    return { refused, untried: null }
  } catch (error) {
    if (!isLockTimeout(error)) throw error
    return { refused: [], untried: locked }
  } finally {
    await client.query('ROLLBACK TO SAVEPOINT latchwork_place').catch(() => undefined)
  }
}

async function obstacleOf(client: Client, { schema, name }: Table): Promise<keyof Obstacle | null> {
  const { rows } = await client.query<Obstacle>(
    `WITH place AS (
       SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2),
     parts AS (SELECT oid FROM place UNION SELECT relid FROM place, pg_partition_tree(place.oid))
     SELECT EXISTS (SELECT FROM pg_trigger JOIN parts ON tgrelid = parts.oid
                    WHERE NOT tgisinternal AND tgenabled <> 'D') AS triggers,
            EXISTS (SELECT FROM pg_rewrite JOIN parts ON ev_class = parts.oid) AS rules,
            EXISTS (SELECT FROM pg_constraint, place WHERE contype = 'f' AND conrelid = place.oid
                    AND confrelid = place.oid) AS itself,
            EXISTS (SELECT FROM pg_constraint, place WHERE contype = 'f' AND confrelid = place.oid
                    AND conrelid <> place.oid AND confupdtype NOT IN ('a', 'r')) AS cascades`,
    [schema, name],
  )
  const [found] = rows
  const kinds = ['triggers', 'rules', 'itself', 'cascades'] as const
  return kinds.find((kind) => found?.[kind] === true) ?? null
}

function isLockTimeout(error: unknown): boolean {
  return !isPassing(error) && error instanceof Error && 'code' in error && error.code === '55P03'
}
