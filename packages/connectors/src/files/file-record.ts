import type { FileHandle } from 'node:fs/promises'
import { type Column, type DataRecord, LatchworkError } from '@latchwork/contract'
import type { Clock, ConnectorContext } from '../interface.ts'

/** The parts of the files connector. */
export interface FilesParts {
  readonly clock: Clock
  /** Absolute path of its folder. */
  readonly folder: string
}

/** The parts of one use. */
export type FilesContext = FilesParts & ConnectorContext

/** A record with its place: enough to continue after it, and to name it in an error. */
export interface FileRecord {
  readonly record: DataRecord
  /** Where it stands. */
  readonly place: FilePlace
  /** Where the next one begins. */
  readonly next: FilePlace
  /** Why it is refused, as a sentence that names its row; null if it is not. */
  readonly fault: string | null
}

/** A place between two records. */
export interface FilePlace {
  /** Bytes before it. */
  readonly offset: number
  /** Number of the line there from 1; in CSV of the row as a spreadsheet counts, the header being row 1. */
  readonly line: number
  /** Number of the line as an editor counts, from 1: a CSV value may span lines. */
  readonly textLine: number
}

/** What was found in a file, and how to read it. */
export interface FileReading {
  readonly columns: readonly Column[]
  /** The column that tells records apart; null without one. */
  readonly key: string | null
  /** How many records were looked at, refused ones among them. */
  readonly count: number
  /** How many of them have the id of one before them. */
  readonly twins: number
  /** Where the first record begins. */
  readonly start: FilePlace
  readFrom(place: FilePlace): AsyncIterable<FileRecord>
  /** What was found by looking, as sentences for a person. */
  readonly notes: readonly string[]
}

export interface OpenFile {
  readonly handle: FileHandle
  /** The name shown in errors. */
  readonly name: string
}

/** Longest record in bytes. Without a limit a file without line breaks would fill the memory. */
export const maxRecordBytes = 16 * 1024 * 1024

/** How a record may be nested, and of how many values it may be made: many small ones need far more memory than their text. */
export const recordStructure = { depth: 100, values: 500_000 } as const

/** A `file_invalid` error of the file as a whole. */
export function badFile(file: OpenFile, what: string): LatchworkError {
  return new LatchworkError('file_invalid', { message: `${file.name} ${what}` })
}

/** A `file_invalid` error that names file and line. */
export function badLine(file: OpenFile, line: number, what: string): LatchworkError {
  return new LatchworkError('file_invalid', { message: `${file.name}, line ${line}: ${what}` })
}

/** A row by its number in a spreadsheet and, where that is another, the number of its line in an editor. */
export function rowName({ line, textLine }: FilePlace): string {
  return line === textLine ? `row ${line}` : `row ${line} (line ${textLine})`
}

/** A `file_invalid` error that names file and row. */
export function badRow(file: OpenFile, place: FilePlace, what: string): LatchworkError {
  return new LatchworkError('file_invalid', { message: `${file.name}, ${rowName(place)}: ${what}` })
}

const chunkBytes = 256 * 1024

/** The bytes of a file from an offset, in chunks of their own memory. Does not close the file. */
export async function* readChunks(file: OpenFile, offset: number): AsyncGenerator<Buffer> {
  for (let position = offset; ; ) {
    const chunk = Buffer.allocUnsafe(chunkBytes)
    const { bytesRead } = await file.handle.read(chunk, 0, chunkBytes, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield chunk.subarray(0, bytesRead)
  }
}
