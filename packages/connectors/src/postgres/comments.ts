import { systemCode } from '@latchwork/contract'
import { type Client, escapeLiteral } from 'pg'
import { wholeText } from './cell-text.ts'
import type { Existing } from './existing-table.ts'
import { type Marks, markComments } from './marks.ts'
import { columnName, type Table, type TableColumn } from './table-names.ts'

/* Comments say what a name doesn't: what people call it, and what its source does: "Seats (custom.cf_1)". */

/** Those of a table that was just made. */
export async function commentNew(client: Client, table: Table, marks: Marks): Promise<void> {
  await comment(client, [
    ...statement(`TABLE ${table.quoted}`, commentOfTable(table)),
    ...markComments(table, marks),
    ...labelComments(table, table.columns),
  ])
}

/** Those of a table that is there, where they are not as they should be. What somebody else says of a table stays. */
export async function commentChanged(
  client: Client,
  table: Table,
  existing: NonNullable<Existing>,
  marks: Marks,
): Promise<void> {
  const relabelled = table.columns.filter(
    (column) => existing.get(column.inTable)?.comment !== commentOf(column),
  )
  const ofTable = commentOfTable(table)
  const isOurs = ofTable !== null && (await mayReplace(client, table, ofTable))
  await client.query('SAVEPOINT latchwork_labels')
  try {
    await comment(client, [
      ...statement(`TABLE ${table.quoted}`, isOurs ? ofTable : null),
      ...markComments(table, marks),
      ...labelComments(table, relabelled),
    ])
  } catch (error) {
    // Only a table's owner may write comments; writing records needs less.
    if (systemCode(error) !== '42501') throw error
    await client.query('ROLLBACK TO SAVEPOINT latchwork_labels')
  }
}

async function mayReplace(client: Client, { quoted, called }: Table, text: string): Promise<boolean> {
  const { rows } = await client.query<{ text: string | null }>(
    `SELECT obj_description(to_regclass(${escapeLiteral(quoted)}), 'pg_class') AS text`,
  )
  const before = rows[0]?.text ?? null
  return before === null || (before !== text && before.endsWith(` (${called?.name})`))
}

function commentOfTable({ name, list, called }: Table): string | null {
  if (list !== undefined) return wholeText(`Latchwork: the list “${list}”.`)
  return called === undefined ? null : said(called, name)
}

function labelComments(table: Table, columns: readonly TableColumn[]): string[] {
  return columns.flatMap((column) => statement(`COLUMN ${table.quoted}.${column.quoted}`, commentOf(column)))
}

function commentOf({ name, label, inTable }: TableColumn): string | null {
  return said({ name, label }, inTable, columnName(name))
}

/** @param own its name, where it is called as its source calls it */
function said(
  { name, label }: { readonly name: string; readonly label: string },
  there: string,
  own = name,
): string | null {
  const source = there === own || label === name ? '' : ` (${name})`
  const text = `${label}${source}`
  return text === there ? null : wholeText(text)
}

function statement(thing: string, text: string | null): string[] {
  return text === null ? [] : [`COMMENT ON ${thing} IS ${escapeLiteral(text)}`]
}

async function comment(client: Client, statements: readonly string[]): Promise<void> {
  if (statements.length > 0) await client.query(statements.join(';'))
}
