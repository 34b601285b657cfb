import { type Column, systemCode } from '@latchwork/contract'
import { type Client, escapeIdentifier, escapeLiteral } from 'pg'
import type { Deletions } from '../interface.ts'
import { wholeText } from './cell-text.ts'
import { type Existing, findTable } from './existing-table.ts'
import { requireFit } from './fit.ts'
import { additionsOf, type Mark, type Marks, markComments, marksOf } from './marks.ts'
import { requireRights, rightsOn } from './rights.ts'
import { columnName, type Table, type TableColumn } from './table-names.ts'

const sqlTypes: Readonly<Record<Column['type'], string>> = {
  text: 'text',
  number: 'numeric',
  boolean: 'boolean',
  date: 'date',
  time: 'timestamptz',
  json: 'jsonb',
}

/** How a table stands once it was prepared. */
export interface Prepared {
  /** The type of each column, by the dataset's name. */
  readonly types: ReadonlyMap<string, string>
  /** Which columns it has besides those of the records. */
  readonly marks: ReadonlySet<Mark>
}

/**
 * Makes the table, or adds the columns that it lacks, and writes labels into comments. Columns that are there keep their
 * types until a value needs a wider one.
 * @throws LatchworkError `account_refused`, and `invalid_input` when the schema is missing, or what stands there can't be
 *   written
 */
export async function prepareTable(client: Client, table: Table, deletions: Deletions): Promise<Prepared> {
  await client.query('BEGIN')
  try {
    // Two runs that make the same table at once would fail on each other's catalogue rows.
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended(${escapeLiteral(table.quoted)}, 4217))`)
    const { existing, marks } = await lookAt(client, table, deletions)
    await shapeTable(client, table, existing, marks)
    await client.query('COMMIT')
    return preparedAs(table, existing, marks)
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

interface Found {
  readonly existing: Existing
  readonly marks: Marks
}

/** What is there, if a run may write to it. */
async function lookAt(client: Client, table: Table, deletions: Deletions): Promise<Found> {
  const existing = await findTable(client, table)
  if (existing !== null) requireFit(table, existing)
  const rights = await rightsOn(client, table)
  const marks = marksOf(table, existing, deletions, rights.own)
  const isShort = marks.missing.size > 0 || table.columns.some(({ name }) => !existing?.has(columnName(name)))
  requireRights(table, existing, rights, isShort, deletions)
  return { existing, marks }
}

/** Makes the table, or adds what it lacks. */
async function shapeTable(client: Client, table: Table, existing: Existing, marks: Marks): Promise<void> {
  if (existing === null) await createTable(client, table, marks)
  else await addColumns(client, table, existing, marks)
}

function preparedAs(table: Table, existing: Existing, { there, missing }: Marks): Prepared {
  const types = new Map(
    table.columns.map(({ name, type }) => [name, existing?.get(columnName(name))?.type ?? sqlTypes[type]]),
  )
  return { types, marks: new Set([...there, ...missing]) }
}

/**
 * As `prepareTable`, but makes an empty copy for the present transaction: with the table's columns and constraints, and
 * without its foreign keys and triggers.
 */
export async function copyTable(
  client: Client,
  table: Table,
  deletions: Deletions,
): Promise<Prepared & { readonly copy: Table; readonly existing: Existing }> {
  const { existing, marks } = await lookAt(client, table, deletions)
  const copy = { ...table, quoted: `pg_temp.${escapeIdentifier(table.name)}` }
  if (existing !== null)
    await client.query(`CREATE TABLE ${copy.quoted} (LIKE ${table.quoted} INCLUDING ALL)`)
  await shapeTable(client, copy, existing, marks)
  return { copy, existing, ...preparedAs(table, existing, marks) }
}

async function createTable(client: Client, table: Table, marks: Marks): Promise<void> {
  const lines = table.columns.map(
    (column) => `${column.quoted} ${sqlTypes[column.type]}${column.name === table.key ? ' PRIMARY KEY' : ''}`,
  )
  await client.query(`CREATE TABLE ${table.quoted} (${[...lines, ...additionsOf(marks)].join(', ')})`)
  await comment(client, [...markComments(table, marks), ...labelComments(table, table.columns)])
}

async function addColumns(
  client: Client,
  table: Table,
  existing: NonNullable<Existing>,
  marks: Marks,
): Promise<void> {
  const missing = table.columns
    .filter((column) => !existing.has(columnName(column.name)))
    .map((column) => `${column.quoted} ${sqlTypes[column.type]}`)
  const additions = [...missing, ...additionsOf(marks)].map((each) => `ADD COLUMN ${each}`)
  if (additions.length > 0) await client.query(`ALTER TABLE ${table.quoted} ${additions.join(', ')}`)
  const relabelled = table.columns.filter(
    ({ name, label }) => existing.get(columnName(name))?.comment !== wholeText(label),
  )
  await client.query('SAVEPOINT latchwork_labels')
  try {
    await comment(client, [...markComments(table, marks), ...labelComments(table, relabelled)])
  } catch (error) {
    // Only a table's owner may write comments; writing records needs less.
    if (systemCode(error) !== '42501') throw error
    await client.query('ROLLBACK TO SAVEPOINT latchwork_labels')
  }
}

/** A column's label stands in its comment where its name doesn't say it: custom fields are named by their ids. */
function labelComments(table: Table, columns: readonly TableColumn[]): string[] {
  return columns
    .filter((column) => column.label !== column.name)
    .map(
      (column) =>
        `COMMENT ON COLUMN ${table.quoted}.${column.quoted} IS ${escapeLiteral(wholeText(column.label))}`,
    )
}

async function comment(client: Client, statements: readonly string[]): Promise<void> {
  if (statements.length > 0) await client.query(statements.join(';'))
}

export async function isEmpty(client: Client, table: Table): Promise<boolean> {
  const { rowCount } = await client.query(`SELECT FROM ${table.quoted} LIMIT 1`)
  return rowCount === 0
}
