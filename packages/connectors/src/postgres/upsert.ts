import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { copyLine } from './copy-text.ts'
import { refusalOf } from './failures.ts'
import { labelIn, type Table } from './table.ts'

/** A row ready to be written, and where its record stood in the page. */
export interface Row {
  readonly index: number
  readonly cells: readonly (string | null)[]
}

export interface RefusedRow {
  readonly index: number
  readonly message: string
}

/** Why the run could not be shown to be still ours, as the cause. */
export class NotHeld extends Error {
  constructor(cause: unknown) {
    super('the page was not committed', { cause })
  }
}

/** Name of the page's temporary table, and of its column that keeps the order of the rows. */
const page = 'pg_temp.latchwork_page'
const order = '"latchwork page order"'

/**
 * Writes a page in one transaction: COPY into a temporary table, then insert or update by key. A row that the server
 * refuses is found by halving and left out; the others are written. Repeating the page changes nothing.
 *
 * The temporary table lives as long as the transaction, so that a pooler between us and the server does no harm.
 *
 * @param hold asked when the rows are locked: whoever took the run up meanwhile writes them only after this. What it throws
 *   comes as a `NotHeld`. A process that stands still is not waited for.
 */
export async function upsertPage(
  client: Client,
  table: Table,
  rows: readonly Row[],
  hold: () => Promise<void>,
): Promise<RefusedRow[]> {
  try {
    await begin(client)
    const refused = await writePage(client, table, rows)
    await hold().catch((cause: unknown) => {
      throw new NotHeld(cause)
    })
    await client.query('COMMIT')
    return refused
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** Begins a transaction in which values are read alike, whatever server and database are set to. */
export async function begin(client: Client): Promise<void> {
  await client.query(
    `BEGIN; SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO, YMD';
     SET LOCAL idle_in_transaction_session_timeout = '20s'`,
  )
}

/** As `upsertPage`, within a transaction that is open. */
export async function writePage(client: Client, table: Table, rows: readonly Row[]): Promise<RefusedRow[]> {
  const columns = table.columns.map((column) => column.quoted).join(', ')
  await client.query(
    `CREATE TEMPORARY TABLE latchwork_page ON COMMIT DROP AS
     SELECT ${columns}, 0::bigint AS ${order} FROM ${table.quoted} WITH NO DATA`,
  )
  return await writeOrHalve(client, table, rows)
}

async function writeOrHalve(client: Client, table: Table, rows: readonly Row[]): Promise<RefusedRow[]> {
  const [first] = rows
  if (first === undefined) return []
  await client.query('SAVEPOINT latchwork_rows')
  try {
    await writeRows(client, table, rows)
    await client.query('RELEASE SAVEPOINT latchwork_rows')
    return []
  } catch (error) {
    const message = refusalOf(error, (name) => labelIn(table, name))
    if (message === null) throw error
    await client.query('ROLLBACK TO SAVEPOINT latchwork_rows; RELEASE SAVEPOINT latchwork_rows')
    if (rows.length === 1) return [{ index: first.index, message }]
  }
  const middle = Math.ceil(rows.length / 2)
  return [
    ...(await writeOrHalve(client, table, rows.slice(0, middle))),
    ...(await writeOrHalve(client, table, rows.slice(middle))),
  ]
}

async function writeRows(client: Client, table: Table, rows: readonly Row[]): Promise<void> {
  const quoted = table.columns.map((column) => column.quoted)
  const columns = quoted.join(', ')
  const key = table.columns.find((column) => column.name === table.key)?.quoted ?? ''
  await client.query(`TRUNCATE ${page}`)
  const lines = rows.map((row, number) => `${copyLine([...row.cells, String(number)])}\n`)
  await pipeline(
    Readable.from([lines.join('')]),
    client.query(copyFrom(`COPY ${page} (${columns}, ${order}) FROM STDIN`)),
  )
  const changes = quoted.filter((name) => name !== key).map((name) => `${name} = EXCLUDED.${name}`)
  // In the order of the key, so that two runs on one table wait for each other rather than deadlock.
  await client.query(
    `INSERT INTO ${table.quoted} (${columns})
     SELECT DISTINCT ON (${key}) ${columns} FROM ${page} ORDER BY ${key}, ${order} DESC
     ON CONFLICT (${key}) DO ${changes.length === 0 ? 'NOTHING' : `UPDATE SET ${changes.join(', ')}`}`,
  )
}
