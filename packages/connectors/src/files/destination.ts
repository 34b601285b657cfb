import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LatchworkError } from '@latchwork/contract'
import { readCheckpointPart } from '../checkpoint-part.ts'
import type {
  Batch,
  Config,
  Destination,
  DestinationOptions,
  StreamPlan,
  StreamWriter,
  WritableFile,
  WriteResult,
} from '../interface.ts'
import { readConfig } from '../read-config.ts'
import { Targets, unfitTarget } from '../target-name.ts'
import { countRecords } from './count-records.ts'
import { dataFilePath, fileFaults, writingError } from './data-file.ts'
import { filesDefinition } from './definition.ts'
import { deletedColumn, type Encoder, encoderOf, nameInFile } from './encoder.ts'
import { type NamedFiles, streamFileName, unusedName } from './file-names.ts'
import type { FilesContext } from './file-record.ts'
import { claimPath, openPart, type PartState, partState, releasePath } from './part-file.ts'

const fields = filesDefinition.destination?.fields ?? []

type FileOptions = Omit<DestinationOptions, 'space'> & StreamPlan & { readonly format: string | undefined }

/** Opens a file for each stream of a run. */
export function openFileDestination(
  config: Config,
  context: FilesContext,
  options: DestinationOptions,
): Destination {
  const values = readConfig(fields, config, fileFaults)
  const form = values['file'] ?? ''
  const targets = new Targets(({ target }) => (target === null ? form : streamFileName(form, target)))
  const fileOf = async (name: string): Promise<WritableFile> => {
    const { space } = options
    const own = { folder: context.folder, storedName: name, ...(space && { space }) }
    return name === form ? own : ((await options.file?.(name)) ?? own)
  }
  const inFolder = async (start: string) =>
    (await readdir(context.folder)).filter((name) => name.startsWith(start))
  const files: NamedFiles = { file: fileOf, names: (start) => (options.fileNames ?? inFolder)(start) }
  return {
    open: async (plan, signal) => {
      const name = targets.claim(plan)
      if (
        plan.changes &&
        plan.deletions !== 'leave' &&
        plan.columns.some((each) => nameInFile(values, each) === deletedColumn)
      ) {
        throw unfitTarget(
          `The records have a column ${deletedColumn}, in which a file of changes says when one was deleted. Leave the column out of what is read, or leave deleted records as they are.`,
        )
      }
      signal.throwIfAborted()
      const all = { ...options, ...plan, format: values['format'] }
      const encoder = encoderOf(values, plan, context.clock)
      return plan.changes
        ? openChanges(name, files, encoder, context, all)
        : openFile(name, await fileOf(name), encoder, all)
    },
    close: async () => undefined,
  }
}

/**
 * Writes what has changed into a file of its own, named by the time of its first record. It is made when there is one: a
 * run without changes leaves no file.
 */
async function openChanges(
  name: string,
  files: NamedFiles,
  encoder: Encoder,
  { clock }: FilesContext,
  options: FileOptions,
): Promise<StreamWriter> {
  const { resume, deletions } = options
  const before = resume === null ? undefined : readCheckpointPart(partState, resume).file
  const openNamed = async (dated: string) => openFile(dated, await files.file(dated), encoder, options)
  let writer = before === undefined ? null : await openNamed(before)
  const isEmpty = ({ records, deleted = [] }: Pick<Batch, 'records' | 'deleted'>) =>
    records.length === 0 && (deletions === 'leave' || deleted.length === 0)
  return {
    ...(writer?.state !== undefined && { state: writer.state }),
    write: async (batch): Promise<WriteResult> => {
      if (writer === null && isEmpty(batch)) {
        return { written: 0, deleted: 0, refused: [], state: resume }
      }
      writer ??= await openNamed(await unusedName(name, clock.now(), files))
      return writer.write(batch)
    },
    finish: async () => (await writer?.finish()) ?? null,
    abort: async () => writer?.abort(),
    close: async () => writer?.close(),
  }
}

/**
 * Writes a part beside the file, synced to disk at every page, and renames it over the file when the run is complete: a
 * reader sees the old whole file or the new whole file. A run that is taken up again goes on behind what was acknowledged.
 *
 * @throws LatchworkError `invalid_input`, `run_active` if another run writes the same file, `data_dir_unwritable`,
 *   `disk_full`, `checkpoint_unreadable`
 */
async function openFile(
  name: string,
  file: WritableFile,
  encoder: Encoder,
  options: FileOptions,
): Promise<StreamWriter> {
  const path = dataFilePath(file.folder, file.storedName)
  await claimPath(path, options)
  try {
    return await openWriter(path, name, encoder, { ...options, ...file })
  } catch (error) {
    releasePath(path)
    throw writingError(error, name)
  }
}

async function openWriter(
  path: string,
  name: string,
  encoder: Encoder,
  options: FileOptions & Pick<WritableFile, 'space'>,
): Promise<StreamWriter> {
  const { resume: stored, space, hold, changes, format } = options
  const resume = stored === null ? null : readCheckpointPart(partState, stored)
  const part = await openPart(path, options, resume)
  if (part === null) return finishedWriter(path, name, resume?.bytes ?? 0)
  const { handle } = part
  let state: PartState = part.state ?? {
    ...(await begin(handle, encoder.header, options.attempt)),
    ...(changes && { file: name }),
  }
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw writingError(error, name)
    }
  }
  let open = true
  const closeHandle = async () => {
    if (open) await handle.close()
    open = false
  }
  return {
    ...(part.state === null ? {} : { state }),
    takesEach: true,
    takesMany: true,
    // A whole file has nothing of earlier runs.
    ...(!changes && {
      sweep: async () => ({ deleted: 0, state: { ...state } }),
      replaces: () => guard(() => countRecords(path, format)),
    }),
    write: ({ records, deleted = [] }) =>
      guard(async () => {
        const { bytes: whole, notices } = encoder.encode(records)
        const gone = encoder.encodeDeleted(deleted)
        const bytes = gone.length === 0 ? whole : Buffer.concat([whole, gone])
        // Refused as soon as the limit of the whole file is certain to be exceeded.
        if (space !== undefined && state.bytes + bytes.length > space.most)
          await space.claim(state.bytes + bytes.length)
        await writeAll(handle, bytes, state.bytes)
        await handle.datasync()
        state = { ...state, bytes: state.bytes + bytes.length, records: state.records + records.length }
        const marked = gone.length === 0 ? 0 : deleted.length
        return { written: records.length, deleted: marked, refused: [], notices, state: { ...state } }
      }),
    finish: () =>
      guard(async () => {
        await handle.truncate(state.bytes)
        await handle.sync()
        await closeHandle()
        await space?.claim(state.bytes)
        await hold()
        await rename(part.path, path)
        await syncFolder(dirname(path))
        return { file: name, bytes: state.bytes }
      }),
    abort: async () => {
      await closeHandle()
      await rm(part.path, { force: true })
    },
    close: async () => {
      await closeHandle()
      releasePath(path)
    },
  }
}

async function begin(handle: FileHandle, header: string, attempt: number): Promise<PartState> {
  try {
    const bytes = Buffer.from(header)
    await writeAll(handle, bytes, 0)
    const { ino } = await handle.stat()
    return { bytes: bytes.length, records: 0, inode: ino, attempt }
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}

function finishedWriter(path: string, name: string, bytes: number): StreamWriter {
  return {
    write: () =>
      Promise.reject(
        new LatchworkError('file_invalid', {
          message: `${name} was finished by this run already, yet more records came. Run the flow again.`,
        }),
      ),
    finish: async () => ({ file: name, bytes }),
    abort: async () => undefined,
    close: async () => releasePath(path),
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
