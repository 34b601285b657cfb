import { createHash } from 'node:crypto'
import { type Column, LatchworkError, systemCode } from '@latchwork/contract'
import { type Client, escapeIdentifier, escapeLiteral } from 'pg'
import { wholeText } from './cell-text.ts'
import { lacking } from './failures.ts'

const maxIdentifierBytes = 63
const sqlTypes: Readonly<Record<Column['type'], string>> = {
  text: 'text',
  number: 'numeric',
  boolean: 'boolean',
  date: 'date',
  time: 'timestamptz',
  json: 'jsonb',
}

/** A table to write to, its names safe to stand in a statement. */
export interface Table {
  readonly schema: string
  readonly name: string
  /** Schema and table, quoted. */
  readonly quoted: string
  readonly columns: readonly TableColumn[]
  /** Name of the column that tells rows apart. */
  readonly key: string
}

export interface TableColumn extends Column {
  /** The column's name in the table, quoted. */
  readonly quoted: string
}

/** Names a table and its columns. Names that PostgreSQL does not take, or would cut silently, end in a hash. */
export function tableOf(schema: string, name: string, columns: readonly Column[], key: string): Table {
  return {
    schema,
    name,
    quoted: `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`,
    columns: columns.map((column) => ({ ...column, quoted: escapeIdentifier(fittingName(column.name)) })),
    key,
  }
}

/** The label of a column by its name in the table. */
export function labelIn(table: Table, name: string): string {
  return table.columns.find((column) => column.quoted === escapeIdentifier(name))?.label ?? name
}

function fittingName(name: string): string {
  const plain = wholeText(name)
  if (plain === name && name !== '' && Buffer.byteLength(name) <= maxIdentifierBytes) return name
  const hash = createHash('sha256')
    .update(name, plain === name ? 'utf8' : 'utf16le')
    .digest('hex')
    .slice(0, 8)
  let cut = plain
  while (Buffer.byteLength(cut) > maxIdentifierBytes - hash.length - 1) cut = [...cut].slice(0, -1).join('')
  return `${cut}_${hash}`
}

/**
 * Makes the table, or adds the columns that it lacks, and writes labels into comments. Columns that are there keep their
 * types until a value needs a wider one.
 * @returns the type of each column, by the dataset's name
 * @throws LatchworkError `invalid_input` when the schema is missing, or what stands there can't be written by key
 */
export async function prepareTable(client: Client, table: Table): Promise<ReadonlyMap<string, string>> {
  await client.query('BEGIN')
  try {
    // Two runs that make the same table at once would fail on each other's catalogue rows.
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended(${escapeLiteral(table.quoted)}, 4217))`)
    const existing = await findTable(client, table)
    await shapeTable(client, table, existing)
    await client.query('COMMIT')
    return typesIn(table, existing)
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

type Existing = ReadonlyMap<string, ExistingColumn> | null

/** Makes the table, or adds what it lacks. */
async function shapeTable(client: Client, table: Table, existing: Existing): Promise<void> {
  if (existing === null) await createTable(client, table)
  else await addColumns(client, table, existing)
}

function typesIn(table: Table, existing: Existing): ReadonlyMap<string, string> {
  return new Map(
    table.columns.map(({ name, type }) => [name, existing?.get(fittingName(name))?.type ?? sqlTypes[type]]),
  )
}

/**
 * As `prepareTable`, but makes an empty copy for the present transaction: with the table's columns and constraints, and
 * without its foreign keys and triggers.
 */
export async function copyTable(
  client: Client,
  table: Table,
): Promise<{ copy: Table; types: ReadonlyMap<string, string> }> {
  const existing = await findTable(client, table)
  await requireRights(client, table, existing)
  const copy = { ...table, quoted: `pg_temp.${escapeIdentifier(table.name)}` }
  if (existing !== null)
    await client.query(`CREATE TABLE ${copy.quoted} (LIKE ${table.quoted} INCLUDING ALL)`)
  await shapeTable(client, copy, existing)
  return { copy, types: typesIn(table, existing) }
}

/** @throws LatchworkError `account_refused` where `prepareTable` or the first write would */
async function requireRights(client: Client, table: Table, existing: Existing): Promise<void> {
  const isShort = existing !== null && table.columns.some(({ name }) => !existing.has(fittingName(name)))
  const { rows } = await client.query<{ create: boolean; write: boolean; own: boolean }>(
    `SELECT has_schema_privilege(n.oid, 'CREATE') AS create,
            c.oid IS NULL OR (SELECT bool_and(has_any_column_privilege(c.oid, wanted))
                              FROM unnest('{SELECT,INSERT,UPDATE}'::text[]) AS wanted) AS write,
            c.oid IS NULL OR pg_has_role(c.relowner, 'USAGE') AS own
     FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = $2 WHERE n.nspname = $1`,
    [table.schema, table.name],
  )
  const rights = rows[0]
  if (existing === null && rights?.create === false)
    throw lacking(`permission denied for schema ${table.schema}`)
  if (rights?.write === false) throw lacking(`permission denied for table ${table.name}`)
  if (isShort && rights?.own === false) throw lacking(`must be owner of table ${table.name}`)
}

interface ExistingColumn {
  readonly name: string
  /** As SQL names it: `numeric(10,2)`. */
  readonly type: string
  readonly unique: boolean
  readonly comment: string | null
}

/** @throws LatchworkError `invalid_input` when the schema is missing, or what stands there can't be written by key */
async function findTable(client: Client, table: Table): Promise<Existing> {
  const schema = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [table.schema])
  if (schema.rowCount === 0) {
    throw invalidTarget(
      'schema',
      `The schema ${table.schema} does not exist in the database. Make it, or choose another.`,
    )
  }
  const found = await client.query<{ oid: string; kind: string }>(
    `SELECT c.oid::text AS oid, c.relkind AS kind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2`,
    [table.schema, table.name],
  )
  const row = found.rows[0]
  if (row === undefined) return null
  if (row.kind !== 'r' && row.kind !== 'p') {
    throw invalidTarget('table', `${table.schema}.${table.name} is not a table. Choose another name.`)
  }
  const columns = await client.query<ExistingColumn>(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
            col_description(a.attrelid, a.attnum) AS comment,
            EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid
                    AND i.indimmediate AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum) AS unique
     FROM pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped`,
    [row.oid],
  )
  const key = columns.rows.find((column) => column.name === fittingName(table.key))
  if (key === undefined || !key.unique) {
    throw invalidTarget(
      'table',
      `The table ${table.schema}.${table.name} exists, but its column ${table.key} ${key === undefined ? 'is missing' : 'is not unique'}. Records could not be told apart: add a primary key on it, or choose another table.`,
    )
  }
  return new Map(columns.rows.map((column) => [column.name, column]))
}

async function createTable(client: Client, table: Table): Promise<void> {
  const lines = table.columns.map(
    (column) => `${column.quoted} ${sqlTypes[column.type]}${column.name === table.key ? ' PRIMARY KEY' : ''}`,
  )
  await client.query(`CREATE TABLE ${table.quoted} (${lines.join(', ')})`)
  await commentColumns(client, table, table.columns)
}

async function addColumns(
  client: Client,
  table: Table,
  existing: ReadonlyMap<string, ExistingColumn>,
): Promise<void> {
  const missing = table.columns.filter((column) => !existing.has(fittingName(column.name)))
  if (missing.length > 0) {
    const additions = missing.map((column) => `ADD COLUMN ${column.quoted} ${sqlTypes[column.type]}`)
    await client.query(`ALTER TABLE ${table.quoted} ${additions.join(', ')}`)
  }
  const relabelled = table.columns.filter(
    ({ name, label }) => existing.get(fittingName(name))?.comment !== wholeText(label),
  )
  await client.query('SAVEPOINT latchwork_labels')
  try {
    await commentColumns(client, table, relabelled)
  } catch (error) {
    // Only a table's owner may write comments; writing records needs less.
    if (systemCode(error) !== '42501') throw error
    await client.query('ROLLBACK TO SAVEPOINT latchwork_labels')
  }
}

/** A column's label stands in its comment where its name doesn't say it: custom fields are named by their ids. */
async function commentColumns(client: Client, table: Table, columns: readonly TableColumn[]): Promise<void> {
  const comments = columns
    .filter((column) => column.label !== column.name)
    .map(
      (column) =>
        `COMMENT ON COLUMN ${table.quoted}.${column.quoted} IS ${escapeLiteral(wholeText(column.label))}`,
    )
  if (comments.length > 0) await client.query(comments.join(';'))
}

function invalidTarget(field: string, message: string): LatchworkError {
  return new LatchworkError('invalid_input', { message, errors: [{ field, rule: 'target', message }] })
}
