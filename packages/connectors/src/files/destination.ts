import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { LatchworkError } from '@latchwork/contract'
import { readCheckpointPart } from '../checkpoint-part.ts'
import type { Config, Destination, DestinationOptions, StreamPlan, StreamWriter } from '../interface.ts'
import { readConfig } from '../read-config.ts'
import { dataFilePath, fileFaults, fileSystemError } from './data-file.ts'
import { filesDefinition } from './definition.ts'
import { type Encoder, encoderOf } from './encoder.ts'
import type { FilesContext } from './file-record.ts'
import { claimPath, openPart, type PartState, partState, releasePath } from './part-file.ts'

const fields = filesDefinition.destination?.fields ?? []

type FileOptions = DestinationOptions & StreamPlan

export function openFileDestination(
  config: Config,
  context: FilesContext,
  options: DestinationOptions,
): Destination {
  return {
    open: (plan, signal) => openFile(config, { ...context, signal }, { ...options, ...plan }),
    close: async () => undefined,
  }
}

/**
 * Writes a part beside the file, synced to disk at every page, and renames it over the file when the run is complete: a
 * reader sees the old whole file or the new whole file. A run that is taken up again goes on behind what was acknowledged.
 *
 * @throws LatchworkError `invalid_input`, `run_active` if another run writes the same file, `data_dir_unwritable`,
 *   `disk_full`, `checkpoint_unreadable`
 */
async function openFile(config: Config, context: FilesContext, options: FileOptions): Promise<StreamWriter> {
  const values = readConfig(fields, config, fileFaults)
  const name = values['file'] ?? ''
  const path = dataFilePath(context.folder, name)
  await claimPath(path, options)
  try {
    return await openWriter(path, encoderOf(values, options.columns), options)
  } catch (error) {
    releasePath(path)
    throw fileSystemError(error, name)
  }
}

async function openWriter(path: string, encoder: Encoder, options: FileOptions): Promise<StreamWriter> {
  const { resume: stored, space, hold } = options
  const name = basename(path)
  const resume = stored === null ? null : readCheckpointPart(partState, stored)
  const part = await openPart(path, options, resume)
  if (part === null) return finishedWriter(path, resume?.bytes ?? 0)
  const { handle } = part
  let state = part.state ?? (await begin(handle, encoder.header, options.attempt))
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw fileSystemError(error, name)
    }
  }
  let open = true
  const closeHandle = async () => {
    if (open) await handle.close()
    open = false
  }
  return {
    ...(part.state === null ? {} : { state }),
    write: ({ records }) =>
      guard(async () => {
        const bytes = Buffer.from(encoder.encode(records))
        // Refused as soon as the limit of the whole file is certain to be exceeded.
        if (space !== undefined && state.bytes + bytes.length > space.most)
          await space.claim(state.bytes + bytes.length)
        await writeAll(handle, bytes, state.bytes)
        await handle.datasync()
        state = { ...state, bytes: state.bytes + bytes.length, records: state.records + records.length }
        return { written: records.length, refused: [], state: { ...state } }
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

function finishedWriter(path: string, bytes: number): StreamWriter {
  const name = basename(path)
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
