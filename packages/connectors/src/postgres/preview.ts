import { type DataRecord, valueIn } from '@latchwork/contract'
import type { Client } from 'pg'
import type { Config, ConnectorContext, CredentialAccess, Dataset, PlannedPreview } from '../interface.ts'
import { type ColumnType, widerType } from './column-types.ts'
import { connectPostgres, leavePostgres, writeLimits } from './connection.ts'
import type { Existing } from './existing-table.ts'
import { postgresFailure } from './failures.ts'
import { fittingPage, type ListInUse, tableInUse } from './fitting.ts'
import { itemRecords, withKeyType } from './list-tables.ts'
import { shown } from './page-rows.ts'
import { tryInPlace } from './rehearsal.ts'
import { prepareSchema } from './schema.ts'
import { copyTable } from './table.ts'
import type { Table } from './table-names.ts'
import { type Target, tableName, targetTable } from './target.ts'
import { begin } from './transaction.ts'
import { type Row, writePage } from './upsert.ts'

/** Somebody waits for the answer. */
const limits = { ...writeLimits, queryMs: 15_000 }

/**
 * What a run would make of these records: they are written, by the run's own steps, into an empty copy of the table that
 * lasts as long as a transaction, which is rolled back. What fits there is then tried in the table itself, for its rows
 * and its references, and rolled back too; a note says where that is not done.
 *
 * @throws LatchworkError as `openPostgresDestination`
 */
export async function previewPostgres(
  config: Config,
  credential: CredentialAccess,
  context: Pick<ConnectorContext, 'signal'>,
  dataset: Dataset,
): Promise<PlannedPreview> {
  const { stream = 'records', target: named = null } = dataset
  const target = targetTable(config, dataset, tableName(config, { stream, target: named }))
  const { columns, records } = dataset
  const rows = columns.length === 0 ? [] : target.numbered(records, (index) => `preview:${index}`)
  const found = columns.length === 0 ? null : await rehearse(credential, context, target, rows)
  const asNamed = (record: DataRecord): DataRecord =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [found?.names.get(name) ?? name, value]))
  return {
    sourceColumns: [...columns],
    targetColumns: [],
    notes:
      found === null ? [] : [...madeSentence(found.made), ...(found.untried === null ? [] : [found.untried])],
    rows: records.map((before, index) => {
      const refusal = found?.refused.get(index)
      return refusal === undefined
        ? { before, after: asNamed(before), action: 'write', message: found?.widened.get(index) ?? null }
        : { before, after: null, action: 'refuse', message: refusal }
    }),
  }
}

function madeSentence(made: readonly string[]): string[] {
  return made.length === 0 ? [] : [`A run makes ${made.join(', and ')}.`]
}

function tablesOf(tables: readonly Table[]): string {
  const names = tables.map(({ schema, name }) => `${schema}.${name}`)
  return `the ${names.length === 1 ? 'table' : 'tables'} ${names.join(', ')}`
}

type Types = ReadonlyMap<string, ColumnType>

/** Sentences by the index of a record. */
interface Rehearsal {
  readonly refused: ReadonlyMap<number, string>
  /** For records that need a wider column, which a run gives them. */
  readonly widened: ReadonlyMap<number, string>
  /** What the table calls the columns. */
  readonly names: ReadonlyMap<string, string>
  /** What is not there yet. */
  readonly made: readonly string[]
  /** Why the rows and references that are there were not tried; null if they were, or if there are none. */
  readonly untried: string | null
}

async function rehearse(
  credential: CredentialAccess,
  context: Pick<ConnectorContext, 'signal'>,
  target: Target,
  page: readonly DataRecord[],
): Promise<Rehearsal> {
  const client = await connectPostgres(credential, context, limits)
  try {
    await begin(client)
    await client.query("SET LOCAL lock_timeout = '5s'")
    return await writeToCopy(client, target, page)
  } catch (error) {
    context.signal.throwIfAborted()
    throw postgresFailure(error)
  } finally {
    await client.query('ROLLBACK').catch(() => undefined)
    await leavePostgres(client, limits)
  }
}

async function writeToCopy(
  client: Client,
  { table: planned, lists: ofLists, deletions }: Target,
  page: readonly DataRecord[],
): Promise<Rehearsal> {
  const hasMadeSchema = await prepareSchema(client, planned.schema)
  const copied = await copyTable(client, planned, deletions)
  const { copy, table, marks, existing } = copied
  const records = tableInUse(copied, copy)
  const lists: (ListInUse & { readonly existing: Existing; readonly before: Types })[] = []
  const made = existing === null ? [table] : []
  for (const list of ofLists) {
    const its = await copyTable(client, withKeyType(list.table, copied), deletions)
    const using = tableInUse(its, its.copy)
    const { existing, before } = { existing: its.existing, before: new Map(using.types) }
    lists.push({ ...using, column: list.column, label: list.label, existing, before })
    if (its.existing === null) made.push(its.table)
  }
  const { types } = records
  const before = new Map(types)
  const { rows, items, refused } = await fittingPage(client, { ...records, lists }, page)
  const refusals = await writePage(client, copy, { rows, items }, { deletions, marks, begun: null })
  const widened = new Map(
    page.flatMap((record, index) => {
      const sentence =
        wideningSentence(record, table, before, types) ?? widerItemSentence(lists, record, table.key)
      return sentence === null ? [] : [[index, sentence]]
    }),
  )
  const left = new Set([...refusals.map(({ index }) => index), ...widened.keys()])
  const isLeft = ({ index }: Row) => !left.has(index)
  const placed = lists.flatMap(({ table: its, existing: has }, at) => {
    const all = items[at]?.rows ?? []
    return has === null ? [] : [{ table: its, rows: all.filter(isLeft), present: new Set(has.keys()) }]
  })
  const tried =
    existing === null
      ? { refused: [], untried: null }
      : await tryInPlace(
          client,
          { table, rows: rows.filter(isLeft), present: new Set(existing.keys()) },
          placed,
        )
  const all = [...refused, ...refusals, ...tried.refused]
  return {
    made: [
      ...(hasMadeSchema ? [`the schema ${planned.schema}`] : []),
      ...(made.length === 0 ? [] : [tablesOf(made)]),
    ],
    names: new Map(table.columns.map(({ name, inTable }) => [name, inTable])),
    refused: new Map(all.map(({ index, message }) => [index, message])),
    ...{ widened, untried: tried.untried },
  }
}

/** The same for the first of a record's items that needs it. */
function widerItemSentence(
  lists: readonly (ListInUse & { readonly before: Types })[],
  record: DataRecord,
  key: string,
): string | null {
  for (const list of lists) {
    for (const item of itemRecords(list, record, key)) {
      const sentence = wideningSentence(item, list.table, list.before, list.types)
      if (sentence !== null) return `${list.label}: ${sentence}`
    }
  }
  return null
}

function wideningSentence(record: DataRecord, table: Table, before: Types, after: Types): string | null {
  for (const { name, label } of table.columns) {
    const from = before.get(name)
    const to = after.get(name)
    const value = valueIn(record, name)
    if (from === undefined || to === undefined || to === from || widerType(from, value) === null) continue
    return `The column ${label} becomes ${to.sql} first: it is ${from.sql}, which can't hold “${shown(value)}”.`
  }
  return null
}
