import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type DataRecord, outsideLimits } from '@latchwork/contract'
import { CsvError, type Options, parse } from 'csv-parse'
import {
  badRow,
  type FilePlace,
  type FileRecord,
  maxRecordBytes,
  type OpenFile,
  readChunks,
} from './file-record.ts'
import { refuseColumn } from './survey.ts'

export const delimiters: Readonly<Record<string, string>> = { comma: ',', semicolon: ';', tab: '\t' }

/** A cell: null where nothing stands between two delimiters, empty text where quotes do. */
type Cell = string | null

/**
 * Column names of a CSV file, from its first row.
 * @returns the names and the place of the first record; no names if the file is empty
 * @throws LatchworkError `file_invalid` for names that are empty, too long or stand twice, and for too many
 */
export async function readCsvHeader(
  file: OpenFile,
  delimiter: string,
): Promise<{ names: string[]; place: FilePlace }> {
  for await (const row of readRows(file, delimiter, { offset: 0, line: 1 })) {
    const names = row.cells.map((cell) => cell?.trim() ?? '')
    names.forEach(refuseColumn)
    const empty = names.indexOf('')
    if (empty !== -1) throw badRow(file, 1, `column ${empty + 1} has no name.`)
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) throw badRow(file, 1, `the column ${twice} stands there twice.`)
    return { names, place: { offset: row.endOffset, line: row.nextRow } }
  }
  return { names: [], place: { offset: 0, line: 1 } }
}

/**
 * Records of a CSV file, every value as text: a program can't know whether `007` is a number.
 * @throws LatchworkError `file_invalid` that names the row
 * @see RFC 4180
 */
export async function* readCsvRecords(
  file: OpenFile,
  delimiter: string,
  names: readonly string[],
  from: FilePlace,
): AsyncGenerator<FileRecord> {
  for await (const { cells, endOffset, nextRow } of readRows(file, delimiter, from)) {
    const blank = cells.length === 1 && cells[0] === null && names.length > 1
    if (blank) continue
    if (cells.length !== names.length) {
      throw badRow(file, nextRow - 1, `has ${cells.length} columns, but the header has ${names.length}.`)
    }
    const record: DataRecord = Object.fromEntries(names.map((name, index) => [name, cells[index] ?? null]))
    yield { record, endOffset, nextLine: nextRow }
  }
}

interface Row {
  readonly cells: Cell[]
  readonly endOffset: number
  readonly nextRow: number
}

async function* readRows(file: OpenFile, delimiter: string, from: FilePlace): AsyncGenerator<Row> {
  const options: Options = {
    delimiter,
    bom: from.offset === 0,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    info: true,
    max_record_size: maxRecordBytes,
    cast: (value, context) => {
      if (context.index >= outsideLimits.columns) throw new TooManyCells()
      return value === '' && !context.quoting ? null : value
    },
  }
  const parser = parse(options)
  // Its failure arrives through the parser as well, which the pipeline destroys with it.
  const flow = pipeline(readChunks(file, from.offset), utf8Check(), parser).catch(() => undefined)
  let row = from.line
  try {
    for await (const item of parser) {
      const { record, info } = readItem(item)
      row += 1
      yield { cells: record, endOffset: from.offset + info.bytes, nextRow: row }
    }
  } catch (error) {
    if (error instanceof NotUtf8) throw badRow(file, row, 'this row or one soon after it is not UTF-8 text.')
    if (error instanceof TooManyCells)
      throw badRow(file, row, `has more than ${outsideLimits.columns} columns.`)
    if (error instanceof CsvError) throw badRow(file, row, explain(error))
    throw error
  } finally {
    parser.destroy()
    await flow
  }
}

function readItem(item: unknown): { record: Cell[]; info: { bytes: number } } {
  return item as { record: Cell[]; info: { bytes: number } } // what csv-parse gives with `info` and without `columns`
}

class NotUtf8 extends Error {}
/** A row of delimiters would become a list many times its size. */
class TooManyCells extends Error {}

/** Lets UTF-8 through as it is, and fails on anything else rather than losing characters. */
function utf8Check(): Transform {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        decoder.decode(chunk, { stream: true })
        done(null, chunk)
      } catch {
        done(new NotUtf8())
      }
    },
    flush(done) {
      try {
        decoder.decode()
        done()
      } catch {
        done(new NotUtf8())
      }
    },
  })
}

function explain(error: CsvError): string {
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quoted value has no closing quote.'
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'INVALID_OPENING_QUOTE':
      return 'has a quote in the middle of a value. Put the value in quotes and double the quotes in it.'
    case 'CSV_MAX_RECORD_SIZE':
      return `is longer than ${maxRecordBytes} bytes. A closing quote may be missing.`
    default:
      return 'is not valid CSV.'
  }
}
