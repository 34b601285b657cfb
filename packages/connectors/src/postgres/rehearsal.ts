import { systemCode } from '@latchwork/contract'
import type { Client } from 'pg'
import { columnName, type Table } from './table-names.ts'
import { type PageItems, type RefusedRow, type Row, writePage } from './upsert.ts'

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

/** What is tried in a table that is there. */
export interface PlacedRows {
  readonly table: Table
  readonly rows: readonly Row[]
  /** Names of the columns that the table has: the others would be added by a run. */
  readonly present: ReadonlySet<string>
}

/**
 * Writes rows into the table, and the items of their lists into theirs, within a transaction that is open and never
 * committed. The tables' rows are held for as long as the transaction lasts, and sequences that they use skip numbers.
 */
export async function tryInPlace(
  client: Client,
  records: PlacedRows,
  lists: readonly PlacedRows[],
): Promise<TriedInPlace> {
  const obstacle = await obstacleOf(client, records.table)
  if (obstacle !== null) return { refused: [], untried: sentences[obstacle] }
  const marks = new Set<never>()
  const items: PageItems[] = []
  let untried: string | null = null
  for (const list of lists) {
    const found = await obstacleOf(client, list.table)
    if (found === null) items.push({ ...narrowed(list), marks })
    else untried ??= sentences[found].replace('The table', `The table of the list ${list.table.list}`)
  }
  await client.query(
    "SAVEPOINT latchwork_place; SET LOCAL lock_timeout = '1s'; DROP TABLE IF EXISTS pg_temp.latchwork_page",
  )
  const { table, rows } = narrowed(records)
  try {
    const writing = { deletions: 'leave', marks, begun: null } as const
    return { refused: await writePage(client, table, { rows, items }, writing), untried }
  } catch (error) {
    if (!isLockTimeout(error)) throw error
    return { refused: [], untried: locked }
  } finally {
    await client.query('ROLLBACK TO SAVEPOINT latchwork_place').catch(() => undefined)
  }
}

/** Without the columns that the table lacks. */
function narrowed({ table, rows, present }: PlacedRows): Pick<PlacedRows, 'table' | 'rows'> {
  const places = table.columns.flatMap(({ name }, index) => (present.has(columnName(name)) ? [index] : []))
  return {
    table: { ...table, columns: places.flatMap((place) => table.columns[place] ?? []) },
    rows: rows.map((row) => ({ ...row, cells: places.map((place) => row.cells[place] ?? null) })),
  }
}

async function obstacleOf(client: Client, { schema, name, list }: Table): Promise<keyof Obstacle | null> {
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
                    AND conrelid <> place.oid AND (confupdtype NOT IN ('a', 'r') OR ($3 AND confdeltype NOT IN ('a', 'r')))) AS cascades`,
    // Items are replaced: the ones of before are deleted.
    [schema, name, list !== undefined],
  )
  const [found] = rows
  const kinds = ['triggers', 'rules', 'itself', 'cascades'] as const
  return kinds.find((kind) => found?.[kind] === true) ?? null
}

function isLockTimeout(error: unknown): boolean {
  return systemCode(error) === '55P03'
}
