import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LatchworkError, systemCode } from '@latchwork/contract'
import { z } from 'zod'
import { readCheckpointPart } from '../checkpoint-part.ts'
import type { Config, DestinationOptions, DestinationWriter } from '../interface.ts'
import { readConfig } from '../read-config.ts'
import { dataFilePath, fileFaults, fileSystemError, partName, runOfPart } from './data-file.ts'
import { filesDefinition } from './definition.ts'
import { type Encoder, encoderOf } from './encoder.ts'
import type { FilesContext } from './file-record.ts'

const fields = filesDefinition.destination?.fields ?? []
/** Paths that runs of this process are writing, with the run's id. */
const writing = new Map<string, string>()

/** The state of the destination: the part file's length and identity. */
const partState = z.strictObject({
  bytes: z.int().nonnegative(),
  records: z.int().nonnegative(),
  /** The inode, which a rename keeps: tells a finished file from one that was there before. */
  inode: z.number(),
})
type PartState = Readonly<z.infer<typeof partState>>

/**
 * Writes `.NAME.RUN.part` beside the file (a hidden name, so no data file can have it), synced to disk at every page,
 * and renames it over the file when the run is complete: a reader sees the old whole file or the new whole file.
 * A run that is taken up again cuts the part to what was acknowledged and goes on.
 *
 * @throws LatchworkError `invalid_input`, `run_active` if another run writes the same file, `data_dir_unwritable`,
 *   `checkpoint_unreadable`
 */
export async function openFileDestination(
  config: Config,
  context: FilesContext,
  options: DestinationOptions,
): Promise<DestinationWriter> {
  const values = readConfig(fields, config, fileFaults)
  const name = values['file'] ?? ''
  const path = dataFilePath(context.folder, name)
  const claim = await claimPath(path, options)
  try {
    return await openPart(path, claim, encoderOf(values, options.columns), options)
  } catch (error) {
    writing.delete(path)
    throw fileSystemError(error, name)
  }
}

/** Returns the part file's path once no other run writes the same file. Erases what ended runs left. */
async function claimPath(
  path: string,
  { runId, isUnderWay }: Pick<DestinationOptions, 'runId' | 'isUnderWay'>,
): Promise<string> {
  const name = basename(path)
  const folder = dirname(path)
  const busy = () =>
    new LatchworkError('run_active', {
      message: `Another run is writing ${name} at this moment. Wait until it has finished, or give this destination another file.`,
    })
  if (writing.has(path)) throw busy()
  writing.set(path, runId)
  try {
    const own = partName(name, runId)
    for (const entry of await readdir(folder)) {
      const other = runOfPart(entry)
      if (other === null || entry === own || entry !== partName(name, other)) continue
      if (await isUnderWay(other)) throw busy()
      await rm(join(folder, entry), { force: true })
    }
    return join(folder, own)
  } catch (error) {
    writing.delete(path)
    throw fileSystemError(error, name)
  }
}

async function openPart(
  path: string,
  partPath: string,
  encoder: Encoder,
  { resume: stored, space }: DestinationOptions,
): Promise<DestinationWriter> {
  const name = basename(path)
  const resume = stored === null ? null : readCheckpointPart(partState, stored)
  if (resume !== null && (await isFinished(path, partPath, resume))) return finishedWriter(path, resume)
  const handle = await openAt(partPath, name, resume)
  let state = resume ?? (await begin(handle, encoder.header))
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
    write: (page) =>
      guard(async () => {
        const bytes = Buffer.from(encoder.encode(page))
        // Refused as soon as the limit of the whole file is certain to be exceeded.
        if (space !== undefined && state.bytes + bytes.length > space.most)
          await space.claim(state.bytes + bytes.length)
        await writeAll(handle, bytes, state.bytes)
        await handle.datasync()
        state = { ...state, bytes: state.bytes + bytes.length, records: state.records + page.length }
        return { written: page.length, refused: [], state: { ...state } }
      }),
    finish: () =>
      guard(async () => {
        await handle.truncate(state.bytes)
        await handle.sync()
        await closeHandle()
        await space?.claim(state.bytes)
        await rename(partPath, path)
        await syncFolder(dirname(path))
        return { file: name, bytes: state.bytes }
      }),
    abort: async () => {
      await closeHandle()
      await rm(partPath, { force: true })
    },
    close: async () => {
      await closeHandle()
      writing.delete(path)
    },
  }
}

async function openAt(partPath: string, name: string, resume: PartState | null): Promise<FileHandle> {
  if (resume === null) return open(partPath, 'w', 0o600)
  try {
    const handle = await open(partPath, 'r+')
    // The bytes after the last acknowledged page may be half a page.
    await handle.truncate(resume.bytes)
    return handle
  } catch (error) {
    throw systemCode(error) === 'ENOENT'
      ? new LatchworkError('file_not_found', {
          message: `The unfinished part of ${name} is gone from the data folder. Run the flow again to write the whole file.`,
          cause: error,
        })
      : error
  }
}

async function begin(handle: FileHandle, header: string): Promise<PartState> {
  const bytes = Buffer.from(header)
  await writeAll(handle, bytes, 0)
  const { ino } = await handle.stat()
  return { bytes: bytes.length, records: 0, inode: ino }
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}

/** Whether the process ended between the renaming and the run's end: then the file is whole already. */
async function isFinished(path: string, partPath: string, resume: PartState): Promise<boolean> {
  const part = await stat(partPath).catch(() => null)
  const whole = await stat(path).catch(() => null)
  return part === null && whole !== null && whole.ino === resume.inode && whole.size === resume.bytes
}

function finishedWriter(path: string, state: PartState): DestinationWriter {
  const name = basename(path)
  return {
    write: () =>
      Promise.reject(
        new LatchworkError('file_invalid', {
          message: `${name} was finished by this run already, yet more records came. Run the flow again.`,
        }),
      ),
    finish: async () => ({ file: name, bytes: state.bytes }),
    abort: async () => undefined,
    close: async () => {
      writing.delete(path)
    },
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
