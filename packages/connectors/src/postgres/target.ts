import { type Column, type DataRecord, LatchworkError } from '@latchwork/contract'
import type { Config, Dataset, StreamPlan } from '../interface.ts'
import { readConfig } from '../read-config.ts'
import { targetName, unfitTarget } from '../target-name.ts'
import { postgresDefinition } from './definition.ts'
import { isList, listTable } from './list-tables.ts'
import { maxIdentifierBytes, rowKey, type Table, tableOf } from './table-names.ts'

const fields = postgresDefinition.destination?.fields ?? []

const rowColumn: Column = { name: rowKey, label: rowKey, type: 'text' }

/** The rules of a PostgreSQL destination that the definition can't express. */
export function postgresDestinationFaults(values: Config): Record<string, string> {
  const faults: Record<string, string> = {}
  for (const field of ['schema', 'table']) {
    const name = values[field] ?? ''
    if (Buffer.byteLength(name) > 63) faults[field] = 'may have at most 63 bytes'
    else if (field === 'schema' && /^pg_|^information_schema$/.test(name))
      faults[field] = "is PostgreSQL's own"
  }
  return faults
}

/**
 * The table of a stream: the one that the flow names, or the form; where neither does, it is called as the stream.
 * @throws LatchworkError `invalid_input`
 */
export function tableName(config: Config, { stream, target }: Pick<StreamPlan, 'stream' | 'target'>): string {
  const named = readConfig(fields, config, postgresDestinationFaults)['table'] ?? ''
  if (target === null && named !== '') return named
  const name = targetName(target ?? stream, maxIdentifierBytes)
  // Names of the system's own tables are found in its schema first, wherever they are.
  if (!name.startsWith('pg_')) return name
  throw unfitTarget(`The name ${name} is one of PostgreSQL's own. Give the stream another name.`)
}

/**
 * The table of a plan with its name, and records with a name for each where they have no key.
 * @throws LatchworkError `invalid_input`
 */
export function targetTable(
  config: Config,
  plan: Omit<Dataset, 'records'> & Pick<StreamPlan, 'label'>,
  name: string,
) {
  const { deletions = 'leave', lists, columns, key, ordered, stream, label } = plan
  const values = readConfig(fields, config, postgresDestinationFaults)
  if (key === null && !ordered) {
    throw new LatchworkError('invalid_input', {
      message: 'The records of this source have no key, so they could not be told apart in a table.',
    })
  }
  const whole = tableOf(
    values['schema'] ?? '',
    name,
    key === null ? [rowColumn, ...columns] : columns,
    key ?? rowColumn.name,
  )
  const apart = new Set(lists === 'tables' ? columns.filter(isList).map((column) => column.name) : [])
  const table: Table = {
    ...whole,
    ...(stream !== undefined && label !== undefined && { called: { name: stream, label } }),
    columns: whole.columns.map((column) =>
      apart.has(column.name) ? { ...column, isOptional: true } : column,
    ),
  }
  const numbered = (page: readonly DataRecord[], nameOf: (index: number) => string): readonly DataRecord[] =>
    key === null ? page.map((record, index) => ({ ...record, [rowColumn.name]: nameOf(index) })) : page
  // What has no key is never said to be deleted.
  return {
    table,
    lists: columns.filter(({ name: each }) => apart.has(each)).map((column) => listTable(table, column)),
    numbered,
    deletions: key === null ? 'leave' : deletions,
  } as const
}

export type Target = ReturnType<typeof targetTable>
