import { type CsvRow, readRows } from './csv-rows.ts'
import type { CsvShape } from './csv-shape.ts'
import { badRow, type FilePlace, type OpenFile } from './file-record.ts'

export interface CsvHeader {
  /** Names as they stand there; empty text where there is none. */
  readonly names: readonly string[]
  /** Where the first record begins. */
  readonly next: FilePlace
}

/**
 * The first row of a CSV file; no names if the file is empty.
 * @throws LatchworkError `file_invalid` for a quote that takes rows into the header, and for what is no text
 */
export async function readHeader(file: OpenFile, shape: CsvShape): Promise<CsvHeader> {
  let header: CsvRow | null = null
  let isLast = true
  for await (const row of readRows(file, shape, shape.start, true)) {
    if (header !== null) {
      isLast = false
      break
    }
    if (row.cells.length > 0) header = row
  }
  if (header === null) return { names: [], next: shape.start }
  const names = header.cells.map((cell) => cell ?? '')
  if (isOfMoreBytes(names.join(''))) {
    throw badRow(
      file,
      header.place,
      'has a zero byte beside each letter, as text of two or four bytes a letter has. Choose how the file is encoded under Encoding, or save it as UTF-8.',
    )
  }
  if (header.fault !== null) throw badRow(file, header.place, header.fault)
  const swallowing = names.find((name) => isSwallowed(name, shape.delimiter, isLast))
  if (swallowing === undefined) return { names, next: header.next }
  const lines = swallowing.split(/\r\n|\r|\n/).length - 1
  throw badRow(
    file,
    header.place,
    `has the names of the columns, and a quote that opens in it takes the next ${lines} lines with it. Close the quote, or take it away.`,
  )
}

/** Whether the letters of a text are of several bytes each, and were read as of one. */
function isOfMoreBytes(text: string): boolean {
  return text.length > 5 && text.replaceAll('\0', '').length <= text.length * 0.6
}

/** A name may have a line break, and a delimiter; one that holds rows of the table is none. */
function isSwallowed(name: string, delimiter: string, isLast: boolean): boolean {
  const lines = name.split(/\r\n|\r|\n/)
  if (lines.length === 1) return false
  const withDelimiter = lines.filter((line) => line.includes(delimiter)).length
  return lines.length > 10 || withDelimiter > 2 || (isLast && withDelimiter > 0)
}

/** Names that differ: columns without a name are numbered, and so are those of a name that stands there again. */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set(names)
  const used = new Set<string>()
  return names.map((name, index) => {
    let distinct = name === '' ? `Column ${index + 1}` : name
    const isFree = (candidate: string) =>
      !used.has(candidate) && (candidate === name || !taken.has(candidate))
    const base = distinct
    for (let number = 2; !isFree(distinct); number += 1) distinct = `${base} ${number}`
    used.add(distinct)
    return distinct
  })
}
