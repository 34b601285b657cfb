import type { FileHandle } from 'node:fs/promises'
import { type DataRecord, LatchworkError } from '@latchwork/contract'
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
  /** Bytes from the start of the file to behind the record and its line break. */
  readonly endOffset: number
  /** Number of the line (CSV: the row, since a cell may span lines) after the record, from 1. */
  readonly nextLine: number
}

/** Where to begin: `offset` in bytes, `line` the number of the line or row there, from 1. */
export interface FilePlace {
  readonly offset: number
  readonly line: number
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

/** A `file_invalid` error that names file and line. */
export function badLine(file: OpenFile, line: number, what: string): LatchworkError {
  return new LatchworkError('file_invalid', { message: `${file.name}, line ${line}: ${what}` })
}

/** A `file_invalid` error that names file and row, counted as spreadsheets do: the header is row 1. */
export function badRow(file: OpenFile, row: number, what: string): LatchworkError {
  return new LatchworkError('file_invalid', { message: `${file.name}, row ${row}: ${what}` })
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
