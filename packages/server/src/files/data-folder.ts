import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { dataFilePath, fileNameFault, runOfPart } from '@latchwork/connectors'
import { idSchema, LatchworkError } from '@latchwork/contract'
import type { FileRow } from './store.ts'

/** Where a file is on the disk. */
export type FilePlace = Pick<FileRow, 'folder' | 'storedName'>

const fileId = idSchema('file')
const uploadPrefix = '.upload-'
/** An older upload was left by a process that ended. */
const abandonedMs = 3_600_000

/**
 * The bytes of files. The first file of a name lies in the folder itself, like files that somebody puts there by hand.
 * Another person's file of that name has its own folder, named by the file's id.
 */
export class DataFolder {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  /** Absolute path of a file's folder, which is made if it isn't there. */
  async folderOf({ folder }: FilePlace): Promise<string> {
    const path = join(this.#root, folder)
    if (folder !== '') await mkdir(path, { recursive: true, mode: 0o700 })
    return path
  }

  /** Names of the files in the folder itself. Parts under way have hidden names and are left out. */
  async namesByHand(): Promise<string[]> {
    const entries = await readdir(this.#root, { withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile() && fileNameFault(entry.name) === null)
      .map(({ name }) => name)
  }

  /** Null if nothing was stored yet, or somebody removed the file by hand. */
  async look(place: FilePlace): Promise<{ bytes: number; modifiedAt: string } | null> {
    const found = await stat(this.#pathOf(place)).catch(() => null)
    if (found === null || !found.isFile()) return null
    return { bytes: found.size, modifiedAt: found.mtime.toISOString() }
  }

  /** A file's bytes: exactly `length` of them, even if the file grows meanwhile. Null if there is no file. */
  async read(place: FilePlace): Promise<{ length: number; bytes: Readable } | null> {
    const handle = await open(this.#pathOf(place), 'r').catch(() => null)
    const found = await handle?.stat()
    if (handle === null || found === undefined || !found.isFile()) {
      await handle?.close()
      return null
    }
    const bytes =
      found.size === 0
        ? handle.createReadStream()
        : handle.createReadStream({ start: 0, end: found.size - 1 })
    return { length: found.size, bytes }
  }

  /**
   * Stores an upload. It replaces the previous content only when it is complete.
   * @param limit refuses more bytes than it allows
   * @param claim is called when all bytes are there, and may refuse them
   * @throws {LatchworkError} the refusals of `limit` and `claim`, `data_dir_unwritable`
   */
  async write(
    place: FilePlace,
    bytes: Readable,
    limit: { readonly most: number; readonly refusal: () => LatchworkError },
    claim: (length: number) => Promise<void>,
  ): Promise<void> {
    const path = join(await this.folderOf(place), place.storedName)
    const temporary = join(this.#root, `${uploadPrefix}${randomUUID()}`)
    const counted = atMost(limit)
    try {
      await pipeline(bytes, counted.through, createWriteStream(temporary, { mode: 0o600, flush: true }))
      await claim(counted.length())
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw uploadFailure(error)
    }
  }

  async erase(place: FilePlace): Promise<void> {
    const path = place.folder === '' ? this.#pathOf(place) : join(this.#root, place.folder)
    await rm(path, { recursive: place.folder !== '', force: true })
  }

  /** Erases abandoned uploads. */
  async sweep(nowMs: number): Promise<void> {
    for (const name of await readdir(this.#root)) {
      if (!name.startsWith(uploadPrefix)) continue
      const path = join(this.#root, name)
      const found = await stat(path).catch(() => null)
      if (found !== null && nowMs - found.mtimeMs > abandonedMs) await rm(path, { force: true })
    }
  }

  /**
   * Erases the parts of runs that do not continue.
   * @param isUnderWay whether a run continues, in any process
   */
  async sweepParts(isUnderWay: (runId: string) => Promise<boolean>): Promise<void> {
    const entries = await readdir(this.#root, { withFileTypes: true })
    const own = entries.filter((entry) => entry.isDirectory() && fileId.safeParse(entry.name).success)
    for (const folder of ['', ...own.map(({ name }) => name)]) {
      const path = join(this.#root, folder)
      // A folder may meanwhile be erased with its file.
      for (const name of await readdir(path).catch(() => [])) {
        const runId = runOfPart(name)
        if (runId !== null && !(await isUnderWay(runId))) await rm(join(path, name), { force: true })
      }
    }
  }

  #pathOf({ folder, storedName }: FilePlace): string {
    return dataFilePath(join(this.#root, folder), storedName)
  }
}

function atMost({ most, refusal }: { readonly most: number; readonly refusal: () => LatchworkError }) {
  let length = 0
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length
      if (length <= most) done(null, chunk)
      else done(refusal())
    },
  })
  return { through, length: () => length }
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
