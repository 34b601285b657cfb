import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Client, escapeIdentifier } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { copyLine } from './copy-text.ts'
import { syncedAt, type Writing } from './deletions.ts'
import { RowLeftOut, refusalOf } from './failures.ts'
import { quotedMark } from './marks.ts'
import { keyIn, labelIn, type Table } from './table-names.ts'

/** A row ready to be written, and where its record stood in the page. */
export interface Row {
  readonly index: number
  readonly cells: readonly (string | null)[]
}

export interface RefusedRow {
  readonly index: number
  readonly message: string
}

/** The items that the records of a page have in a list; `index` is that of the record. */
export interface PageItems extends Pick<Writing, 'marks'> {
  readonly table: Table
  readonly rows: readonly Row[]
}

/** What a page consists of. */
export interface WholePage {
  readonly rows: readonly Row[]
  readonly items: readonly PageItems[]
}

/** Name of the page's temporary table, and of its column that keeps the order of the rows. */
const page = 'pg_temp.latchwork_page'
const order = '"latchwork page order"'

/**
 * Writes a page within a transaction that is open: COPY into a temporary table, then insert or update by key. A row that
 * the server refuses is found by halving and left out; the others are written. Repeating the page changes nothing.
 */
export async function writePage(
  client: Client,
  table: Table,
  { rows, items }: WholePage,
  writing: Writing,
): Promise<RefusedRow[]> {
  if (rows.length === 0) return []
  const columns = table.columns.map((column) => column.quoted).join(', ')
  await client.query(
    `CREATE TEMPORARY TABLE latchwork_page ON COMMIT DROP AS
     SELECT ${columns}, 0::bigint AS ${order} FROM ${table.quoted} WITH NO DATA`,
  )
  return await writeOrHalve(client, table, { rows, items }, writing)
}

async function writeOrHalve(
  client: Client,
  table: Table,
  { rows, items }: WholePage,
  writing: Writing,
): Promise<RefusedRow[]> {
  const [first] = rows
  if (first === undefined) return []
  await client.query(`SAVEPOINT latchwork_rows; TRUNCATE ${page}`)
  try {
    await writeRows(client, table, rows, writing)
    await writeItems(client, table, { rows, items }, writing)
    await client.query('RELEASE SAVEPOINT latchwork_rows')
    return []
  } catch (error) {
    const labelOf = (name: string) => labelIn([table, ...items.map((each) => each.table)], name)
    const message = refusalOf(error, labelOf)
    if (message === null) throw error
    await client.query('ROLLBACK TO SAVEPOINT latchwork_rows; RELEASE SAVEPOINT latchwork_rows')
    if (rows.length === 1) return [{ index: first.index, message }]
  }
  const middle = Math.ceil(rows.length / 2)
  return [
    ...(await writeOrHalve(client, table, { rows: rows.slice(0, middle), items }, writing)),
    ...(await writeOrHalve(client, table, { rows: rows.slice(middle), items }, writing)),
  ]
}

async function writeRows(
  client: Client,
  table: Table,
  rows: readonly Row[],
  { marks, begun }: Writing,
): Promise<void> {
  const quoted = table.columns.map((column) => column.quoted)
  const columns = quoted.join(', ')
  const key = table.columns.find((column) => column.name === table.key)?.quoted ?? ''
  const numbered = rows.map((row, number) => [...row.cells, String(number)])
  await copyInto(client, `${page} (${columns}, ${order})`, numbered)
  // A record that comes again is there again.
  const marked = [...marks].map((mark) => ({
    column: quotedMark[mark],
    value: mark === 'synced' ? syncedAt(begun) : 'NULL::timestamptz',
  }))
  const written = [...quoted, ...marked.map(({ column }) => column)]
  const changes = written.filter((name) => name !== key).map((name) => `${name} = EXCLUDED.${name}`)
  // In the order of the key, so that two runs on one table wait for each other rather than deadlock.
  const { rowCount } = await client.query(
    `INSERT INTO ${table.quoted} (${written.join(', ')})
     SELECT DISTINCT ON (${key}) ${[...quoted, ...marked.map(({ value }) => value)].join(', ')}
     FROM ${page} ORDER BY ${key}, ${order} DESC
     ON CONFLICT (${key}) DO ${changes.length === 0 ? 'NOTHING' : `UPDATE SET ${changes.join(', ')}`}`,
  )
  const count = rowCount ?? 0
  if (changes.length > 0 && count < rows.length && count < (await countKeys(client, key)))
    throw new RowLeftOut()
}

/** How many records the temporary table has. */
async function countKeys(client: Client, key: string): Promise<number> {
  const { rows } = await client.query<{ keys: string }>(`SELECT count(DISTINCT ${key}) AS keys FROM ${page}`)
  return Number(rows[0]?.keys ?? 0)
}

async function copyInto(
  client: Client,
  place: string,
  lines: readonly (readonly (string | null)[])[],
): Promise<void> {
  const text = lines.map((cells) => `${copyLine(cells)}\n`).join('')
  await pipeline(Readable.from([text]), client.query(copyFrom(`COPY ${place} FROM STDIN`)))
}

/** Replaces the items of the records that stand in the temporary table. */
async function writeItems(
  client: Client,
  table: Table,
  { rows, items }: WholePage,
  { begun }: Writing,
): Promise<void> {
  if (items.length === 0) return
  const key = table.columns.findIndex(({ name }) => name === table.key)
  // The last of two records with one key is the one that stays.
  const written = new Set(new Map(rows.map(({ index, cells }) => [cells[key], index])).values())
  const { rows: times } = await client.query<{ at: string }>(`SELECT (${syncedAt(begun)})::text AS at`)
  for (const { table: list, marks, rows: all } of items) {
    await client.query(
      `DELETE FROM ${list.quoted} WHERE ${escapeIdentifier(keyIn(list))} IN
       (SELECT ${escapeIdentifier(keyIn(table))} FROM ${page})`,
    )
    const own = all.filter(({ index }) => written.has(index))
    if (own.length === 0) continue
    const synced = marks.has('synced') ? [quotedMark.synced] : []
    const at = synced.map(() => times[0]?.at ?? null)
    const columns = [...list.columns.map(({ quoted }) => quoted), ...synced].join(', ')
    const lines = own.map(({ cells }) => [...cells, ...at])
    await copyInto(client, `${list.quoted} (${columns})`, lines)
  }
}
