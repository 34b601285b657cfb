import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { dataFilePath, fileNameFault } from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'

export interface DataFile {
  readonly name: string
  readonly bytes: number
  readonly modifiedAt: string
}

/** Largest upload in bytes. */
export const maxUploadBytes = 512 * 1024 * 1024
const uploadPrefix = '.upload-'
/** An upload that is older than this was left by a process that ended. */
const abandonedMs = 3_600_000

/** The data folder: what flows read and write, and people upload and fetch. */
export class DataFiles {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Files by name. Parts under way have hidden names and are none. */
  async list(): Promise<DataFile[]> {
    const names = (await readdir(this.#folder)).filter((name) => fileNameFault(name) === null)
    const found = await Promise.all(names.sort((a, b) => a.localeCompare(b)).map((name) => this.#find(name)))
    return found.filter((file) => file !== null)
  }

  /**
   * A file with its bytes.
   * @throws {LatchworkError} `invalid_input` for what is no file name, `file_not_found`
   */
  async read(name: string): Promise<{ file: DataFile; bytes: Readable }> {
    const path = dataFilePath(this.#folder, name)
    const handle = await open(path, 'r').catch(() => null)
    const found = await handle?.stat()
    if (handle === null || found === undefined || !found.isFile()) {
      await handle?.close()
      throw new LatchworkError('file_not_found', { message: `There is no file ${name} in the data folder.` })
    }
    const file = { name, bytes: found.size, modifiedAt: found.mtime.toISOString() }
    // Exactly what was announced, even if the file grows meanwhile.
    const bytes =
      found.size === 0
        ? handle.createReadStream()
        : handle.createReadStream({ start: 0, end: found.size - 1 })
    return { file, bytes }
  }

  /**
   * Stores an upload. It stands in its place only when it is whole; until then what was there before stays.
   * @throws {LatchworkError} `invalid_input`, `body_too_large`, `data_dir_unwritable`
   */
  async write(name: string, bytes: Readable): Promise<DataFile> {
    const path = dataFilePath(this.#folder, name)
    const temporary = join(this.#folder, `${uploadPrefix}${randomUUID()}`)
    try {
      await pipeline(
        bytes,
        atMost(maxUploadBytes),
        createWriteStream(temporary, { mode: 0o600, flush: true }),
      )
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw uploadFailure(error)
    }
    const file = await this.#find(name)
    if (file === null) throw new LatchworkError('file_not_found')
    return file
  }

  /** Erases uploads that will never end. */
  async sweep(nowMs: number): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (!name.startsWith(uploadPrefix)) continue
      const path = join(this.#folder, name)
      const found = await stat(path).catch(() => null)
      if (found !== null && nowMs - found.mtimeMs > abandonedMs) await rm(path, { force: true })
    }
  }

  async #find(name: string): Promise<DataFile | null> {
    const found = await stat(join(this.#folder, name)).catch(() => null)
    if (found === null || !found.isFile()) return null
    return { name, bytes: found.size, modifiedAt: found.mtime.toISOString() }
  }
}

function atMost(limitBytes: number): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes <= limitBytes) done(null, chunk)
      else done(tooLarge())
    },
  })
}

/** @returns the refusal of an upload that is larger than the server accepts */
export function tooLarge(): LatchworkError {
  return new LatchworkError('body_too_large', {
    message: `The file is larger than ${maxUploadBytes / 1024 / 1024} MB. Put it into the data folder on the server itself.`,
  })
}

function uploadFailure(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof LatchworkError) return error
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return new LatchworkError('data_dir_unwritable', {
      message: 'The file was not stored: the disk is full.',
      cause: error,
    })
  }
  if (error.code === 'EISDIR') {
    return new LatchworkError('conflict', { message: 'There is a folder of this name.', cause: error })
  }
  return error
}
