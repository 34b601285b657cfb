import { type Client, escapeIdentifier, escapeLiteral, type QueryResult } from 'pg'
import type { Gone, SweepResult } from '../interface.ts'
import { changeOf, deleteItems, type Writing } from './deletions.ts'
import { KeySet } from './key-set.ts'
import { quotedMark } from './marks.ts'
import { keyIn, type Table } from './table-names.ts'
import { inTransaction } from './transaction.ts'

/** How many rows one transaction looks at, or changes. */
const rowsAtOnce = 5000

export interface Sweep {
  readonly table: Table
  readonly lists: readonly { readonly table: Table }[]
  readonly writing: Writing & { readonly begun: string }
  readonly hold: () => Promise<void>
  readonly allows: (found: Gone) => boolean
}

type Swept = Pick<SweepResult, 'deleted' | 'held'>

/**
 * Marks or removes what was not written since the stream began. A row of which nobody knows when it was written is marked
 * too, but never removed: it may be somebody else's.
 */
export function sweepUnwritten(client: Client, sweep: Sweep): Promise<Swept> {
  return sweepRows(client, sweep, () => true)
}

/**
 * As `sweepUnwritten`, but of that only what is not among some keys.
 * @param existing all of them are there
 */
export function sweepOthers(client: Client, sweep: Sweep, existing: KeySet): Promise<Swept> {
  return sweepRows(client, sweep, (key) => !existing.has(key))
}

/** Counts first, so that nothing is deleted that is not allowed. */
async function sweepRows(client: Client, sweep: Sweep, isGone: (key: string) => boolean): Promise<Swept> {
  const { table, lists, writing, hold, allows } = sweep
  let gone = 0
  await walk(client, sweep, async (keys) => {
    gone += keys.filter(isGone).length
  })
  if (gone === 0) {
    await sweepItems(client, sweep)
    return { deleted: 0 }
  }
  const found = { gone, known: await countKnown(client, table, writing) }
  if (!allows(found)) return { deleted: 0, held: found }
  let deleted = 0
  await walk(client, sweep, async (keys, isOld) => {
    const some = keys.filter(isGone)
    if (some.length === 0) return
    deleted += await inTransaction(client, hold, async () => {
      // Asked again: another flow may have written some meanwhile.
      const key = escapeIdentifier(keyIn(table))
      const change = changeOf(table, writing, `${key}::text = ANY($1::text[]) AND ${isOld}`)
      const changed = await client.query<{ key: string }>(`${change} RETURNING ${key}::text AS key`, [some])
      const keys = changed.rows.map((row) => row.key)
      await deleteItems(client, lists, writing, keys)
      return keys.length
    })
  })
  await sweepItems(client, sweep)
  return { deleted }
}

/** Items whose record went while lists had no tables of their own. */
async function sweepItems(client: Client, { table, lists, writing, hold }: Sweep): Promise<void> {
  const isThere = writing.deletions === 'mark' ? `AND record.${quotedMark.deleted} IS NULL` : ''
  for (const list of lists) {
    const parent = `${list.table.quoted}.${escapeIdentifier(keyIn(list.table))}`
    const orphaned = `NOT EXISTS (SELECT FROM ${table.quoted} AS record
       WHERE record.${escapeIdentifier(keyIn(table))}::text = ${parent}::text ${isThere})`
    const change = changeOf(list.table, writing, `${isOldSql(writing)} AND ${orphaned}`)
    await inTransaction(client, hold, () => client.query(change))
  }
}

async function countKnown(client: Client, table: Table, { deletions }: Writing): Promise<number> {
  const isKnown = deletions === 'mark' ? `${quotedMark.deleted} IS NULL` : `${quotedMark.synced} IS NOT NULL`
  const { rows } = await client.query<{ known: string }>(
    `SELECT count(*) AS known FROM ${table.quoted} WHERE ${isKnown}`,
  )
  return Number(rows[0]?.known ?? 0)
}

/** Goes through the rows that this run has not written, in the order of the key. */
async function walk(
  client: Client,
  { table, writing }: Sweep,
  take: (keys: readonly string[], isOld: string) => Promise<void>,
): Promise<void> {
  const key = escapeIdentifier(keyIn(table))
  const isOld = isOldSql(writing)
  for (let after: string | null = null; ; ) {
    const found: QueryResult<{ key: string }> = await client.query(
      `SELECT ${key}::text AS key FROM ${table.quoted} WHERE ${isOld} ${after === null ? '' : `AND ${key} > $1`}
       ORDER BY ${key} LIMIT ${rowsAtOnce}`,
      after === null ? [] : [after],
    )
    await take(
      found.rows.map((row) => row.key),
      isOld,
    )
    after = found.rows.at(-1)?.key ?? null
    if (found.rows.length < rowsAtOnce) return
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
