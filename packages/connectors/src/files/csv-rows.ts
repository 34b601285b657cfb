import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { outsideLimits } from '@latchwork/contract'
import { CsvError, type Options, parse } from 'csv-parse'
import type { CsvShape } from './csv-shape.ts'
import { encodingLabels, NotThisText, readText } from './encoding.ts'
import { badRow, type FilePlace, maxRecordBytes, type OpenFile } from './file-record.ts'

/** A cell: null where nothing stands between two delimiters, empty text where quotes do. */
export type Cell = string | null

/** A row with its place: enough to continue after it, and to name it. */
export interface CsvRow {
  readonly cells: readonly Cell[]
  /** Where it stands. */
  readonly place: FilePlace
  /** Where the next one begins. */
  readonly next: FilePlace
  /** Why the row can't be read, as the rest of a sentence; null if it can. */
  readonly fault: string | null
}

/**
 * The rows of a CSV file, header included. A quote inside a value that does not begin with one is text, as spreadsheets
 * read it. An empty line is a row without cells.
 *
 * @param isHeader names are trimmed where they don't stand in quotes
 * @throws LatchworkError `file_invalid` that names the row
 * @see RFC 4180
 */
export async function* readRows(
  file: OpenFile,
  shape: CsvShape,
  from: FilePlace,
  isHeader = false,
): AsyncGenerator<CsvRow> {
  let quoted: string[] = []
  let bytesBefore = 0
  const options: Options<Parsed, Item> = {
    delimiter: shape.delimiter,
    record_delimiter: [...shape.lineBreaks],
    relax_column_count: true,
    relax_quotes: true,
    info: true,
    max_record_size: maxRecordBytes,
    cast: (value, { index, quoting }) => {
      if (index >= outsideLimits.columns) throw new TooManyCells()
      if (quoting) {
        quoted.push(value)
        return value
      }
      const own = index === 0 ? withoutMark(value) : value
      const text = isHeader ? own.trim() : own
      return text === '' ? null : text
    },
    on_record: ({ record: cells, info }) => {
      const fault = quoteFault(cells, quoted, info.bytes - bytesBefore)
      quoted = []
      bytesBefore = info.bytes
      return { cells: cells.length === 1 && cells[0] === null ? [] : cells, bytes: info.bytes, fault }
    },
  }
  const parser = parse(options as unknown as Options) // the types know other records only with named columns
  const text = Readable.from(readText(file, shape.text, from.offset))
  // Its failure arrives through the parser as well, which the pipeline destroys with it.
  const flow = pipeline(text, parser).catch(() => undefined)
  let place = from
  try {
    for await (const item of parser) {
      const { cells, bytes, fault } = item as Parsed // what `on_record` made
      const next = {
        offset: from.offset + bytes,
        line: place.line + 1,
        textLine: place.textLine + 1 + breaksIn(cells),
      }
      yield { cells, place, next, fault }
      place = next
    }
  } catch (error) {
    throw explained(file, shape, place, error)
  } finally {
    parser.destroy()
    await flow
  }
}

/**
 * A row's first value without a byte order mark, which stands where files were put together, and without the sign by
 * which DOS ends a file. Behind the mark quotes are not seen as such.
 */
function withoutMark(value: string): string {
  if (value === '\x1a') return ''
  if (!value.startsWith('\ufeff')) return value
  const text = value.slice(1)
  return /^"(?:[^"]|"")*"$/.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text
}

/** What csv-parse gives with `info` and without `columns`. */
interface Item {
  readonly record: readonly Cell[]
  readonly info: { readonly bytes: number }
}

interface Parsed extends Pick<CsvRow, 'cells' | 'fault'> {
  /** Of all rows so far, this one included. */
  readonly bytes: number
}

/**
 * A value that goes on behind its closing quote is read with its quotes, and perhaps with the lines after it. It looks
 * like one that was quoted in full, but its row is shorter than such a one would be.
 */
function quoteFault(cells: readonly Cell[], quoted: readonly string[], rowBytes: number): string | null {
  const suspicious = quoted.filter((value) => value.startsWith('"'))
  if (suspicious.length === 0) return null
  const quotes = quoted.reduce((sum, value) => sum + 2 + (value.match(/"/g)?.length ?? 0), 0)
  const bytes = cells.reduce((sum, cell) => sum + Buffer.byteLength(cell ?? ''), cells.length - 1)
  if (rowBytes >= bytes + quotes) return null
  const lines = breaksIn(suspicious)
  return lines === 0
    ? 'has a value that goes on behind its closing quote. Double the quotes in it.'
    : `has a quote that opens and takes the next ${lines} lines with it. Close it, or double it.`
}

function breaksIn(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + (cell?.match(/\r\n|\r|\n/g)?.length ?? 0), 0)
}

/** A row of delimiters would become a list many times its size. */
class TooManyCells extends Error {}

function explained(file: OpenFile, shape: CsvShape, place: FilePlace, error: unknown): unknown {
  if (error instanceof NotThisText) {
    return badRow(
      file,
      place,
      `this row or one soon after it is not ${encodingLabels[shape.text.encoding]} text. Choose how the file is encoded under Encoding.`,
    )
  }
  if (error instanceof TooManyCells)
    return badRow(file, place, `has more than ${outsideLimits.columns} columns.`)
  if (!(error instanceof CsvError)) return error
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return badRow(
        file,
        place,
        'a quote opens in this row and is never closed. Close it, or double it if it is meant as text.',
      )
    case 'CSV_MAX_RECORD_SIZE':
      return badRow(file, place, `is longer than ${maxRecordBytes} bytes. A closing quote may be missing.`)
    default:
      return badRow(file, place, 'is not valid CSV.')
  }
}
