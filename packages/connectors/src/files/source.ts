import type { Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { LatchworkError } from '@latchwork/contract'
import { z } from 'zod'
import { readCheckpointPart } from '../checkpoint-part.ts'
import type {
  Batch,
  Config,
  Json,
  ReadPurpose,
  Selection,
  Source,
  StreamReader,
  UnreadRecord,
  WriteNotice,
} from '../interface.ts'
import { readConfig } from '../read-config.ts'
import { openCsv } from './csv-reading.ts'
import { dataFilePath, fileFaults, fileSystemError } from './data-file.ts'
import { filesDefinition } from './definition.ts'
import type { FilePlace, FileReading, FileRecord, FilesContext, OpenFile } from './file-record.ts'
import { openJsonLines } from './json-lines.ts'

const batchRecords = 500
const batchBytes = 4 * 1024 * 1024
const sampleRecords = 200
const fields = filesDefinition.source?.fields ?? []

/** The one stream of a file: its records. */
const records = {
  name: 'records',
  label: 'Records',
  group: 'Records',
  recommended: true,
  description: 'The records of the file, all of them each time.',
  modes: ['full'],
  deletes: 'none',
  parameters: [],
} as const

export const fileSelections = (): Selection[] => [
  { stream: records.name, mode: 'full', columns: [], parameters: {} },
]

export function openFileSource(config: Config, context: FilesContext): Source {
  return {
    streams: async () => [records],
    open: (_selection, purpose, signal) => openFile(config, { ...context, signal }, purpose),
    close: async () => undefined,
  }
}

/**
 * Opens a file of the data folder. For a run it is read through once first, so that the columns are those of all
 * records and not of the first ones only. The file stays the one that was opened, even if it is replaced meanwhile.
 *
 * @throws LatchworkError `invalid_input`, `file_not_found`, `file_invalid`
 */
async function openFile(config: Config, context: FilesContext, purpose: ReadPurpose): Promise<StreamReader> {
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
): Promise<StreamReader> {
  const stat = await file.handle.stat()
  if (!stat.isFile()) throw new LatchworkError('file_invalid', { message: `${file.name} is not a file.` })
  // Says whether a run that is taken up again finds the file that it began with.
  const version = `${stat.ino}:${stat.size}:${stat.mtimeMs}`
  const limit = purpose === 'sample' ? sampleRecords : Number.POSITIVE_INFINITY
  const reading =
    config['format'] === 'jsonl' ? await openJsonLines(file, limit) : await openCsv(file, config, limit)
  const { columns, key, count, notes } = reading
  return {
    columns,
    key,
    notes,
    ordered: true,
    count: async () => (purpose === 'run' || count < sampleRecords ? count : null),
    batches: (position) => readBatches(file, context.signal, { version, stat }, reading, position),
    close: () => file.handle.close(),
  }
}

interface Begun {
  readonly version: string
  readonly stat: Stats
}

async function* readBatches(
  file: OpenFile,
  signal: AbortSignal,
  { version, stat }: Begun,
  { start, readFrom, key, twins }: FileReading,
  position: Json | null,
): AsyncGenerator<Batch> {
  const begin = readPosition(file, position, version) ?? start
  let notices = position === null && key !== null && twins > 0 ? [sameIds(key, twins)] : []
  let batch: FileRecord[] = []
  let beginOffset = begin.offset
  const take = ({ next }: FileRecord): Batch => {
    const taken = batchOf(batch, { ...next, version })
    const now = notices
    batch = []
    notices = []
    beginOffset = next.offset
    return now.length === 0 ? taken : { ...taken, notices: now }
  }
  try {
    for await (const item of readFrom(begin)) {
      signal.throwIfAborted()
      batch.push(item)
      if (batch.length < batchRecords && item.next.offset - beginOffset < batchBytes) continue
      await refuseRewritten(file, stat)
      yield take(item)
    }
  } catch (error) {
    await refuseRewritten(file, stat)
    throw fileSystemError(error, file.name)
  }
  await refuseRewritten(file, stat)
  const last = batch.at(-1)
  if (last !== undefined) yield take(last)
}

/** What a program writes over a file while it is read would be a part of one and a part of another. One that grows is read. */
async function refuseRewritten(file: OpenFile, before: Stats): Promise<void> {
  const { size, mtimeMs } = await file.handle.stat()
  if (size < before.size || (size === before.size && mtimeMs !== before.mtimeMs)) throw changedSince(file)
}

function changedSince({ name }: OpenFile): LatchworkError {
  return new LatchworkError('file_invalid', {
    message: `${name} was changed after the run began to read it. Run the flow again to read it from the start.`,
  })
}

function sameIds(column: string, count: number): WriteNotice {
  const message =
    'Records have the same id as a record before them. A table has one row for each id, from the last of them; a file has them all.'
  return { code: 'same_ids', column, count, message }
}

function batchOf(items: readonly FileRecord[], position: Json): Batch {
  const refused = items.flatMap(({ record, place, fault }): UnreadRecord[] =>
    fault === null ? [] : [{ record, row: place.line, code: 'record_refused', message: fault }],
  )
  const read = items.filter(({ fault }) => fault === null)
  const [records, rows] = [read.map(({ record }) => record), read.map(({ place }) => place.line)]
  return refused.length === 0 ? { records, rows, position } : { records, rows, refused, position }
}

const positionSchema = z.strictObject({
  offset: z.number(),
  line: z.number(),
  /** Left out by earlier versions. */
  textLine: z.number().optional(),
  version: z.string(),
})

function readPosition(file: OpenFile, position: Json | null, version: string): FilePlace | null {
  if (position === null) return null
  const read = readCheckpointPart(positionSchema, position)
  if (read.version === version) return { ...read, textLine: read.textLine ?? read.line }
  throw changedSince(file)
}
