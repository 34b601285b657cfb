import { type Client, escapeIdentifier, escapeLiteral } from 'pg'
import type { Deletions } from '../interface.ts'
import { wholeText } from './cell-text.ts'
import { type Mark, quotedMark } from './marks.ts'
import { keyIn, type Table } from './table-names.ts'

/** How a stream is written, besides its records. */
export interface Writing {
  readonly deletions: Deletions
  readonly marks: ReadonlySet<Mark>
  /** When the stream began, as the database tells the time; null where nobody asks for it. */
  readonly begun: string | null
}

/**
 * The time of a write. It is never before the stream's beginning, also where the server's clock was set back or another
 * server took over: a sweep would take what this run has written for something older.
 */
export function syncedAt(begun: string | null): string {
  return begun === null ? 'now()' : `greatest(now(), ${escapeLiteral(begun)}::timestamptz)`
}

/** Marks or removes the rows of deleted records, within a transaction that is open; answers how many there were. */
export async function writeDeletions(
  client: Client,
  table: Table,
  writing: Writing,
  keys: readonly string[],
): Promise<number> {
  if (keys.length === 0 || writing.deletions === 'leave') return 0
  const key = escapeIdentifier(keyIn(table))
  const change = changeOf(table, writing, `${key}::text = ANY($1::text[])`)
  return (await client.query(change, [keys.map(wholeText)])).rowCount ?? 0
}

/** The items of deleted records go with them. */
export async function deleteItems(
  client: Client,
  lists: readonly { readonly table: Table }[],
  writing: Writing,
  keys: readonly string[],
): Promise<void> {
  for (const { table } of lists) await writeDeletions(client, table, writing, keys)
}

/** A statement that marks or removes rows. */
export function changeOf(table: Table, { deletions, begun }: Writing, condition: string): string {
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
