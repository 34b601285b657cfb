import { type DataRecord, ExactNumber, valueIn } from '@latchwork/contract'
import { stringify } from 'csv-stringify/sync'
import type { Clock, Config, PlannedColumn, StreamPlan, WriteNotice } from '../interface.ts'
import { distinctNames } from './csv-header.ts'
import { delimiters } from './csv-shape.ts'
import { escapeFormula } from './formula-text.ts'

/** How records become a file's bytes. */
export interface Encoder {
  /** What stands before the first record. */
  readonly header: string
  encode(records: readonly DataRecord[]): Encoded
  /** What says that records were deleted; nothing where the file is whole, which simply has none of them. */
  encodeDeleted(keys: readonly string[]): Buffer
}

interface Encoded {
  readonly bytes: Buffer
  /** What could not be written as it is. */
  readonly notices: readonly WriteNotice[]
}

/** The column of a file of changes that says when a record was deleted, in ISO 8601; the key alone stands beside it. */
export const deletedColumn = '_deleted_at'

const empty = Buffer.alloc(0)

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
      return tells ? lines.encode(keys.map((each) => ({ [key]: each, [deletedColumn]: at }))).bytes : empty
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
    const isAsItIs = columns.every((column) => nameInFile(config, column) === column.name)
    const keys = new Map(columns.map((column) => [column.name, keyText(nameInFile(config, column))]))
    const line = (record: DataRecord) => (isAsItIs ? `${JSON.stringify(record)}\n` : jsonLine(record, keys))
    return { header: '', encode: (records) => ({ bytes: jsonLines(records, line), notices: [] }) }
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
    encode: (records) => {
      const text = rows(
        records.map((record) => columns.map((column) => valueIn(record, column.name) ?? null)),
      )
      const notices = text.isWellFormed() ? [] : columns.flatMap((column) => brokenIn(records, column))
      return { bytes: Buffer.from(text), notices }
    },
  }
}

/** Half a character has no bytes in UTF-8. JSON has an escape for it. */
function brokenIn(records: readonly DataRecord[], { name, label }: PlannedColumn): WriteNotice[] {
  const values = records.map((record) => valueIn(record, name))
  const count = values.filter((value) => typeof value === 'string' && !value.isWellFormed()).length
  if (count === 0) return []
  const message = `Values of ${label} held half a character, which no CSV file can hold. U+FFFD (�) stands in its place.`
  return [{ code: 'characters_replaced', column: name, count, message }]
}

/** A name as the key of a member in JSON. */
const keyText = (name: string): string => `${JSON.stringify(name)}:`

/** At most so many bytes does a UTF-16 unit need in UTF-8. */
const bytesPerUnit = 3

/** Each line goes into the bytes where it belongs: joined as text first, all of it would be copied twice more. */
function jsonLines(records: readonly DataRecord[], lineOf: (record: DataRecord) => string): Buffer {
  let bytes = Buffer.allocUnsafe(64 * 1024)
  let length = 0
  for (const record of records) {
    const text = lineOf(record)
    const needed = length + text.length * bytesPerUnit
    if (needed > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, bytes.length * 2))
      bytes.copy(larger, 0, 0, length)
      bytes = larger
    }
    length += bytes.write(text, length)
  }
  return bytes.subarray(0, length)
}

/** Member by member: a copy with other keys takes as long again as writing it. */
function jsonLine(record: DataRecord, keys: ReadonlyMap<string, string>): string {
  let line = '{'
  for (const name of Object.keys(record)) {
    const text: string | undefined = JSON.stringify(record[name])
    if (text !== undefined) line += `${line === '{' ? '' : ','}${keys.get(name) ?? keyText(name)}${text}`
  }
  return `${line}}\n`
}
