import { type FileHandle, open } from 'node:fs/promises'
import { LatchworkError } from '@latchwork/contract'
import { z } from 'zod'
import { readCheckpointPart } from '../checkpoint-part.ts'
import type { Config, Json, ReadPurpose, SourcePage, SourceReader } from '../interface.ts'
import { readConfig } from '../read-config.ts'
import { delimiters, readCsvHeader, readCsvRecords } from './csv-rows.ts'
import { dataFilePath, fileFaults, fileSystemError } from './data-file.ts'
import { filesDefinition } from './definition.ts'
import type { FilePlace, FileRecord, FilesContext, OpenFile } from './file-record.ts'
import { readJsonLines } from './json-lines.ts'
import { surveyRecords } from './survey.ts'

const pageRecords = 500
const pageBytes = 4 * 1024 * 1024
const sampleRecords = 200
const fields = filesDefinition.source?.fields ?? []

/**
 * Opens a file of the data folder. For a run it is read through once first, so that the columns are those of all
 * records and not of the first ones only. The file stays the one that was opened, even if it is replaced meanwhile.
 *
 * @throws LatchworkError `invalid_input`, `file_not_found`, `file_invalid`
 */
export async function openFileSource(
  config: Config,
  context: FilesContext,
  purpose: ReadPurpose,
): Promise<SourceReader> {
  const values = readConfig(fields, config, fileFaults)
  const name = values['file'] ?? ''
  const path = dataFilePath(context.folder, name)
  let handle: FileHandle | null = null
  try {
    handle = await open(path, 'r')
    return await surveyed({ handle, name }, values, context, purpose)
  } catch (error) {
    await handle?.close()
    throw fileSystemError(error, name)
  }
}

async function surveyed(
  file: OpenFile,
  config: Config,
  context: FilesContext,
  purpose: ReadPurpose,
): Promise<SourceReader> {
  const stat = await file.handle.stat()
  if (!stat.isFile()) throw new LatchworkError('file_invalid', { message: `${file.name} is not a file.` })
  // Says whether a run that is taken up again finds the file that it began with.
  const version = `${stat.ino}:${stat.size}:${stat.mtimeMs}`
  const { start, readFrom } = await chooseFormat(file, config)
  const survey = await surveyRecords(
    readFrom(start),
    purpose === 'sample' ? sampleRecords : Number.MAX_SAFE_INTEGER,
  )
  return {
    columns: survey.columns,
    key: survey.key,
    ordered: true,
    count: async () => (purpose === 'run' || survey.count < sampleRecords ? survey.count : null),
    pages: (position) =>
      readPages(file, context.signal, version, readFrom, readPosition(file, position, version) ?? start),
    close: () => file.handle.close(),
  }
}

async function chooseFormat(
  file: OpenFile,
  config: Config,
): Promise<{ start: FilePlace; readFrom: (place: FilePlace) => AsyncIterable<FileRecord> }> {
  if (config['format'] === 'jsonl') {
    return { start: { offset: 0, line: 1 }, readFrom: (place) => readJsonLines(file, place) }
  }
  const delimiter = delimiters[config['delimiter'] ?? ''] ?? ','
  const { names, place } = await readCsvHeader(file, delimiter)
  return { start: place, readFrom: (from) => readCsvRecords(file, delimiter, names, from) }
}

async function* readPages(
  file: OpenFile,
  signal: AbortSignal,
  version: string,
  readFrom: (place: FilePlace) => AsyncIterable<FileRecord>,
  start: FilePlace,
): AsyncGenerator<SourcePage> {
  let page: FileRecord[] = []
  let begin = start.offset
  const take = (last: FileRecord): SourcePage => {
    const records = page.map((item) => item.record)
    const rows = page.map((item) => item.nextLine - 1)
    page = []
    begin = last.endOffset
    return { records, rows, position: { offset: last.endOffset, line: last.nextLine, version } }
  }
  try {
    for await (const item of readFrom(start)) {
      signal.throwIfAborted()
      page.push(item)
      if (page.length >= pageRecords || item.endOffset - begin >= pageBytes) yield take(item)
    }
  } catch (error) {
    throw fileSystemError(error, file.name)
  }
  const last = page.at(-1)
  if (last !== undefined) yield take(last)
}

const positionSchema = z.strictObject({ offset: z.number(), line: z.number(), version: z.string() })

function readPosition(file: OpenFile, position: Json | null, version: string): FilePlace | null {
  if (position === null) return null
  const read = readCheckpointPart(positionSchema, position)
  if (read.version === version) return read
  throw new LatchworkError('file_invalid', {
    message: `${file.name} was changed after the run began to read it. Run the flow again to read it from the start.`,
  })
}
