import { type Column, LatchworkError } from '@latchwork/contract'
import { type Client, escapeIdentifier, escapeLiteral } from 'pg'
import type { Deletions } from '../interface.ts'
import { commentChanged, commentNew } from './comments.ts'
import { type Existing, findTable } from './existing-table.ts'
import { requireFit } from './fit.ts'
import { type FoundColumns, findColumns, renameColumns } from './found-columns.ts'
import { type ListTable, listKeyColumns, withKeyType } from './list-tables.ts'
import { additionsOf, type Mark, type Marks, marksOf } from './marks.ts'
import { requireRights, rightsOn } from './rights.ts'
import { prepareSchema } from './schema.ts'
import { keyIn, type Table, type TableColumn, tableOf } from './table-names.ts'

const sqlTypes: Readonly<Record<Column['type'], string>> = {
  text: 'text',
  number: 'numeric',
  boolean: 'boolean',
  date: 'date',
  time: 'timestamptz',
  json: 'jsonb',
}

/** What is written of a stream: the table of its records, and those of their lists. */
export interface Planned {
  readonly table: Table
  readonly lists: readonly ListTable[]
}

function sqlTypeOf({ sql, type }: TableColumn): string {
  return sql ?? sqlTypes[type]
}

/** How a table stands once it was prepared. */
export interface PreparedTable {
  /** With its columns as they are called there. */
  readonly table: Table
  /** The type of each column, by the dataset's name. */
  readonly types: ReadonlyMap<string, string>
  /** Which columns it has besides those of the records. */
  readonly marks: ReadonlySet<Mark>
}

/** A list with its table as it stands there. */
export interface PreparedList extends PreparedTable, Omit<ListTable, 'table'> {}

export interface Prepared extends PreparedTable {
  readonly lists: readonly PreparedList[]
}

/**
 * Makes the tables, or adds the columns that they lack, and writes labels into comments. Columns that are there keep their
 * types until a value needs a wider one.
 * @param written what was written to the table before, in a sentence; null: nothing, so that it may be made
 * @throws LatchworkError `account_refused`, `destination_gone`, and `invalid_input` when the schema can't be made, or what
 *   stands there can't be written
 */
export async function prepareTables(
  client: Client,
  { table, lists }: Planned,
  deletions: Deletions,
  written: string | null,
): Promise<Prepared> {
  await client.query('BEGIN')
  try {
    if (written !== null && (await findTable(client, table)) === null) {
      const message = `The table ${table.schema}.${table.name} is not there any more. ${written}`
      throw new LatchworkError('destination_gone', { message })
    }
    await prepareSchema(client, table.schema)
    // Two runs that make the same table at once would fail on each other's catalogue rows.
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended(${escapeLiteral(table.quoted)}, 4217))`)
    const found = await lookAt(client, table, deletions)
    await shapeTable(client, found.table, found)
    const prepared = preparedAs(found)
    const ofLists: PreparedList[] = []
    for (const list of lists) {
      await renameTable(client, list)
      const planned = withKeyType(list.table, prepared)
      const its = await lookAt(client, planned, deletions)
      await shapeTable(client, its.table, its)
      ofLists.push({ ...list, ...preparedAs(its) })
    }
    await client.query('COMMIT')
    return { ...prepared, lists: ofLists }
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

interface Found extends FoundColumns {
  readonly marks: Marks
}

/** What is there, if a run may write to it. */
async function lookAt(client: Client, planned: Table, deletions: Deletions): Promise<Found> {
  const found = findColumns(planned, await findTable(client, planned))
  const { table, existing, renamings } = found
  if (existing !== null) requireFit(table, existing)
  const rights = await rightsOn(client, table)
  const marks = marksOf(table, existing, deletions, rights.own)
  const isShort =
    marks.missing.size + renamings.length > 0 || table.columns.some(({ inTable }) => !existing?.has(inTable))
  // The items of a list are replaced with each write of their record.
  requireRights(table, existing, rights, isShort, table.list === undefined ? deletions : 'remove')
  return { ...found, marks }
}

/** Makes the table, or adds what it lacks. */
async function shapeTable(
  client: Client,
  table: Table,
  { existing, renamings, marks }: Pick<Found, 'existing' | 'renamings' | 'marks'>,
): Promise<void> {
  if (existing === null) return createTable(client, table, marks)
  await renameColumns(client, table, renamings)
  await addColumns(client, table, existing, marks)
}

/** A table that a list has under a former name gets its present one. */
async function renameTable(client: Client, { table, was }: ListTable): Promise<void> {
  if ((await findTable(client, table)) !== null) return
  for (const name of was.toReversed()) {
    const former = tableOf(table.schema, name, [], table.key)
    const found = await findTable(client, former)
    if (found === null || found.get(keyIn(table)) === undefined) continue
    await client.query(`ALTER TABLE ${former.quoted} RENAME TO ${escapeIdentifier(table.name)}`)
    return
  }
}

function preparedAs({ table, existing, marks: { there, missing } }: Found): PreparedTable {
  const types = new Map(
    table.columns.map((column) => [column.name, existing?.get(column.inTable)?.type ?? sqlTypeOf(column)]),
  )
  return { table, types, marks: new Set([...there, ...missing]) }
}

/**
 * As `prepareTable`, but makes an empty copy for the present transaction: with the table's columns and constraints, and
 * without its foreign keys and triggers.
 */
export async function copyTable(
  client: Client,
  planned: Table,
  deletions: Deletions,
): Promise<PreparedTable & { readonly copy: Table; readonly existing: Existing }> {
  const found = await lookAt(client, planned, deletions)
  const { table, existing } = found
  const copy = { ...table, quoted: `pg_temp.${escapeIdentifier(table.name)}` }
  if (found.existing !== null)
    await client.query(`CREATE TABLE ${copy.quoted} (LIKE ${table.quoted} INCLUDING ALL)`)
  await shapeTable(client, copy, found)
  return { copy, existing, ...preparedAs(found) }
}

async function createTable(client: Client, table: Table, marks: Marks): Promise<void> {
  const { quoted, columns, list } = table
  const isKey = ({ name }: TableColumn, at: number) =>
    list === undefined ? name === table.key : at < listKeyColumns
  const key = columns.filter(isKey).map((column) => column.quoted)
  const lines = [
    ...columns.map((column) => `${column.quoted} ${sqlTypeOf(column)}`),
    ...additionsOf(marks),
    `PRIMARY KEY (${key.join(', ')})`,
  ]
  await client.query(`CREATE TABLE ${quoted} (${lines.join(', ')})`)
  await commentNew(client, table, marks)
}

async function addColumns(
  client: Client,
  table: Table,
  existing: NonNullable<Existing>,
  marks: Marks,
): Promise<void> {
  const missing = table.columns
    .filter(({ inTable }) => !existing.has(inTable))
    .map((column) => `${column.quoted} ${sqlTypeOf(column)}`)
  const additions = [...missing, ...additionsOf(marks)].map((each) => `ADD COLUMN ${each}`)
  if (additions.length > 0) await client.query(`ALTER TABLE ${table.quoted} ${additions.join(', ')}`)
  await commentChanged(client, table, existing, marks)
}

export async function isEmpty(client: Client, table: Table): Promise<boolean> {
  const { rowCount } = await client.query(`SELECT FROM ${table.quoted} LIMIT 1`)
  return rowCount === 0
}
