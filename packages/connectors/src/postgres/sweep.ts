import { type Client, escapeIdentifier, escapeLiteral, type QueryResult } from 'pg'
import { changeOf, type Writing } from './deletions.ts'
import { KeySet } from './key-set.ts'
import { quotedMark } from './marks.ts'
import { keyIn, type Table } from './table-names.ts'
import { inTransaction } from './transaction.ts'

/** How many rows one transaction looks at, or changes. */
const rowsAtOnce = 5000

export interface Sweep {
  readonly table: Table
  readonly writing: Writing & { readonly begun: string }
  readonly hold: () => Promise<void>
}

/**
 * Marks or removes what was not written since the stream began. A row of which nobody knows when it was written is marked
 * too, but never removed: it may be somebody else's.
 * @returns how many rows there were
 */
export function sweepUnwritten(client: Client, sweep: Sweep): Promise<number> {
  return walk(client, sweep, () => true)
}

/**
 * As `sweepUnwritten`, but of that only what is not among some keys.
 * @param existing all of them are there
 */
export function sweepOthers(client: Client, sweep: Sweep, existing: KeySet): Promise<number> {
  return walk(client, sweep, (key) => !existing.has(key))
}

/** Goes through the table in the order of the key, some rows in each transaction. */
async function walk(
  client: Client,
  { table, writing, hold }: Sweep,
  isGone: (key: string) => boolean,
): Promise<number> {
  const key = escapeIdentifier(keyIn(table))
  const isOld = isOldSql(writing)
  let swept = 0
  for (let after: string | null = null; ; ) {
    const found: QueryResult<{ key: string }> = await client.query(
      `SELECT ${key}::text AS key FROM ${table.quoted} WHERE ${isOld} ${after === null ? '' : `AND ${key} > $1`}
       ORDER BY ${key} LIMIT ${rowsAtOnce}`,
      after === null ? [] : [after],
    )
    const gone = found.rows.map((row) => row.key).filter(isGone)
    if (gone.length > 0) {
      swept += await inTransaction(client, hold, async () => {
        // Asked again: another flow may have written some meanwhile.
        const change = changeOf(table, writing, `${key}::text = ANY($1::text[]) AND ${isOld}`)
        return (await client.query(change, [gone])).rowCount ?? 0
      })
    }
    after = found.rows.at(-1)?.key ?? null
    if (found.rows.length < rowsAtOnce) return swept
  }
}

function isOldSql({ deletions, begun }: Sweep['writing']): string {
  const isBefore = `${quotedMark.synced} < ${escapeLiteral(begun)}`
  return deletions === 'mark'
    ? `(${isBefore} OR ${quotedMark.synced} IS NULL) AND ${quotedMark.deleted} IS NULL`
    : isBefore
}

export async function keysOf(existing: AsyncIterable<readonly string[]>): Promise<KeySet> {
  const keys = new KeySet()
  for await (const each of existing) for (const key of each) keys.add(key)
  return keys
}
