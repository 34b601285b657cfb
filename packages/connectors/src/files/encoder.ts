import { type DataRecord, ExactNumber, valueIn } from '@latchwork/contract'
import { stringify } from 'csv-stringify/sync'
import type { Clock, Config, PlannedColumn, StreamPlan } from '../interface.ts'
import { distinctNames } from './csv-header.ts'
import { delimiters } from './csv-shape.ts'
import { escapeFormula } from './formula-text.ts'

/** How records become a file's bytes. */
export interface Encoder {
  /** What stands before the first record. */
  readonly header: string
  encode(records: readonly DataRecord[]): string
  /** What says that records were deleted; nothing where the file is whole, which simply has none of them. */
  encodeDeleted(keys: readonly string[]): string
}

/** The column of a file of changes that says when a record was deleted, in ISO 8601; the key alone stands beside it. */
export const deletedColumn = '_deleted_at'

/** Excel on Windows takes a file for one of its own old encoding without this mark. */
const mark = '\ufeff'

export function encoderOf(
  config: Config,
  plan: Pick<StreamPlan, 'columns' | 'key' | 'changes' | 'deletions'>,
  clock: Clock,
): Encoder {
  const { key } = plan
  const tells = plan.changes && plan.deletions !== 'leave' && key !== null
  const lines = linesOf(config, tells ? [...plan.columns, deleted] : plan.columns)
  return {
    ...lines,
    encodeDeleted: (keys) => {
      const at = new Date(clock.now()).toISOString()
      return tells ? lines.encode(keys.map((each) => ({ [key]: each, [deletedColumn]: at }))) : ''
    },
  }
}

/** What a file calls a column: as the flow does, or as the source where the form says so. */
export function nameInFile(config: Config, { name, as = name }: PlannedColumn): string {
  return config[config['format'] === 'jsonl' ? 'keys' : 'header'] === 'ids' ? name : as
}

const deleted: PlannedColumn = { name: deletedColumn, label: deletedColumn, type: 'time' }

function linesOf(config: Config, columns: readonly PlannedColumn[]): Pick<Encoder, 'header' | 'encode'> {
  if (config['format'] === 'jsonl') {
    const renamed = new Map(
      columns.flatMap((column): [string, string][] => {
        const key = nameInFile(config, column)
        return key === column.name ? [] : [[column.name, key]]
      }),
    )
    const line = (record: DataRecord): string => `${JSON.stringify(withKeys(record, renamed))}\n`
    return { header: '', encode: (records) => records.map(line).join('') }
  }
  const isForSpreadsheets = config['formulas'] === 'protect'
  const cell = (value: unknown): unknown =>
    typeof value === 'string' && isForSpreadsheets ? escapeFormula(value) : value
  const rows = (values: unknown[][]): string =>
    stringify(
      values.map((row) => row.map(cell)),
      {
        delimiter: delimiters[config['delimiter'] ?? ''] ?? ',',
        // Empty text stands in quotes and nothing for null, so that both can be told apart when it is read. So does what
        // a reader would take for the end of a line or file, for a mark, or for space around a name.
        quoted_match: [/^$/, /[\r\n]/, /^\ufeff/, '\x1a', /^\s|\s$/, /^sep=/i],
        cast: {
          boolean: String,
          number: (number) => (Object.is(number, -0) ? '-0' : String(number)),
          object: (value) => (value instanceof ExactNumber ? value.text : JSON.stringify(value)),
        },
      },
    )
  const names = columns.map((column) =>
    config['header'] === 'labels' ? column.label : nameInFile(config, column),
  )
  return {
    header: `${isForSpreadsheets && config['mark'] === 'yes' ? mark : ''}${columns.length === 0 ? '' : rows([distinctNames(names)])}`,
    encode: (records) =>
      rows(records.map((record) => columns.map((column) => valueIn(record, column.name) ?? null))),
  }
}

function withKeys(record: DataRecord, renamed: ReadonlyMap<string, string>): DataRecord {
  if (renamed.size === 0) return record
  const named: Record<string, unknown> = {}
  for (const name of Object.keys(record)) {
    const key = renamed.get(name) ?? name
    // Plain assignment is twice as fast as `Object.fromEntries`, but of this one key it would change what the record is.
    if (key === '__proto__') Object.defineProperty(named, key, { value: record[name], enumerable: true })
    else named[key] = record[name]
  }
  return named
}
