import { type Client, escapeIdentifier, escapeLiteral } from 'pg'
import type { Deletions } from '../interface.ts'
import { wholeText } from './cell-text.ts'
import type { ColumnType } from './column-types.ts'
import { type Mark, quotedMark } from './marks.ts'
import { columnName, type Table } from './table-names.ts'
import { inTransaction } from './transaction.ts'

/** How a stream is written, besides its records. */
export interface Writing {
  readonly deletions: Deletions
  readonly marks: ReadonlySet<Mark>
  /** When the stream began, as the database tells the time; null where nobody asks for it. */
  readonly begun: string | null
}

/** How many rows one transaction of a sweep changes. */
const sweptAtOnce = 5000

/**
 * The time of a write. It is never before the stream's beginning, also where the server's clock was set back or another
 * server took over: a sweep would take what this run has written for something older.
 */
export function syncedAt(begun: string | null): string {
  return begun === null ? 'now()' : `greatest(now(), ${escapeLiteral(begun)}::timestamptz)`
}

/** Marks or removes the rows of deleted records, within a transaction that is open. */
export async function writeDeletions(
  client: Client,
  table: Table,
  writing: Writing,
  type: ColumnType | undefined,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0 || writing.deletions === 'leave') return
  const key = escapeIdentifier(columnName(table.key))
  // Text is found by the index; what is written otherwise than it is read is compared as the database writes it.
  const column = type?.kind === 'text' ? key : `${key}::text`
  await client.query(changeOf(table, writing, `${column} = ANY($1::text[])`), [keys.map(wholeText)])
}

/**
 * Marks or removes what was not written since the stream began. A row of which nobody knows when it was written is marked
 * too, but never removed: it may be somebody else's. Goes through the table in the order of the key, some rows in each
 * transaction.
 * @returns how many rows there were
 */
export async function sweepTable(
  client: Client,
  table: Table,
  writing: Writing & { readonly begun: string },
  hold: () => Promise<void>,
): Promise<number> {
  const key = escapeIdentifier(columnName(table.key))
  const synced = quotedMark.synced
  const since = escapeLiteral(writing.begun)
  const isOld =
    writing.deletions === 'mark'
      ? `(${synced} < ${since} OR ${synced} IS NULL) AND ${quotedMark.deleted} IS NULL`
      : `${synced} < ${since}`
  let swept = 0
  for (let after: string | null = null; ; ) {
    const { count, last } = await inTransaction(client, hold, async () => {
      const { rows } = await client.query<{ count: number; last: string | null }>(
        `WITH gone AS MATERIALIZED (
           SELECT ${key} AS gone_key FROM ${table.quoted} WHERE ${isOld} ${after === null ? '' : `AND ${key} > $1`}
           ORDER BY 1 LIMIT ${sweptAtOnce} FOR UPDATE),
         changed AS (${changeOf(table, writing, `${key} IN (SELECT gone_key FROM gone) AND ${isOld}`)})
         SELECT count(*)::int AS count, (array_agg(gone_key ORDER BY gone_key DESC))[1]::text AS last FROM gone`,
        after === null ? [] : [after],
      )
      return rows[0] ?? { count: 0, last: null }
    })
    swept += count
    if (count < sweptAtOnce) return swept
    after = last
  }
}

function changeOf(table: Table, { deletions, begun }: Writing, condition: string): string {
  return deletions === 'remove'
    ? `DELETE FROM ${table.quoted} WHERE ${condition}`
    : `UPDATE ${table.quoted} SET ${quotedMark.deleted} = now(), ${quotedMark.synced} = ${syncedAt(begun)}
       WHERE ${condition} AND ${quotedMark.deleted} IS NULL`
}

/** The time of the database, as text that it reads again to the microsecond. */
export async function databaseTime(client: Client): Promise<string> {
  const { rows } = await client.query<{ now: string }>(
    `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now`,
  )
  return rows[0]?.now ?? ''
}
