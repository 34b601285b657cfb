import { constants, copyFile, type FileHandle, open, readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LatchworkError, systemCode } from '@latchwork/contract'
import { z } from 'zod'
import type { DestinationOptions } from '../interface.ts'
import { writingError } from './data-file.ts'

/*
 * The file that a run writes until it is complete: `.NAME.RUN.ATTEMPT.part` beside the file. Each attempt has one of its
 * own, a copy of what was acknowledged before it, and erases those before it: a process that stood still while another
 * one took its run up writes to what nobody reads, and can put nothing in place.
 */

/** Paths that runs of this process are writing. */
const writing = new Set<string>()

/** The state of the destination: the part file's length and identity. */
export const partState = z.strictObject({
  bytes: z.int().nonnegative(),
  records: z.int().nonnegative(),
  /** The inode, which a rename keeps: tells a finished file from one that was there before. */
  inode: z.number(),
  /** Whose part it is. Left out by earlier versions, whose parts have no number. */
  attempt: z.int().nonnegative().default(0),
  /** The file's name, where the time is a part of it. */
  file: z.string().exactOptional(),
})
export type PartState = Readonly<z.infer<typeof partState>>

export interface Part {
  readonly handle: FileHandle
  readonly path: string
  /** Null: it is empty. */
  readonly state: PartState | null
}

type Owner = Pick<DestinationOptions, 'runId' | 'attempt'>

/** A hidden name, so no data file can have it. */
function partName(name: string, { runId, attempt }: Owner): string {
  return `.${name}.${runId}${attempt === 0 ? '' : `.${attempt}`}.part`
}

/** Whose part a file is, by its name; null for any other file. */
function ownerOfPart(name: string): Owner | null {
  const found = /^\..+\.(?<runId>run_\w+?)(?:\.(?<attempt>\d+))?\.part$/.exec(name)?.groups
  return found === undefined ? null : { runId: found['runId'] ?? '', attempt: Number(found['attempt'] ?? 0) }
}

/** The run that a part file belongs to, by its name; null for any other file. */
export function runOfPart(name: string): string | null {
  return ownerOfPart(name)?.runId ?? null
}

/**
 * Keeps other runs of this process from the file, until `releasePath`. Erases what ended runs left beside it.
 * @throws LatchworkError `run_active` if another run writes the same file
 */
export async function claimPath(
  path: string,
  { runId, isUnderWay }: Pick<DestinationOptions, 'runId' | 'isUnderWay'>,
): Promise<void> {
  const name = basename(path)
  const busy = () =>
    new LatchworkError('run_active', {
      message: `Another run is writing ${name} at this moment. Wait until it has finished, or give this destination another file.`,
    })
  if (writing.has(path)) throw busy()
  writing.add(path)
  try {
    for (const entry of await readdir(dirname(path))) {
      const owner = ownerOfPart(entry)
      if (owner === null || owner.runId === runId || entry !== partName(name, owner)) continue
      if (await isUnderWay(owner.runId)) throw busy()
      await rm(join(dirname(path), entry), { force: true })
    }
  } catch (error) {
    writing.delete(path)
    throw writingError(error, name)
  }
}

export function releasePath(path: string): void {
  writing.delete(path)
}

/**
 * Opens this attempt's part, with what was acknowledged. Null: the file is whole and in its place already.
 * @throws LatchworkError `file_not_found` if what was acknowledged is gone
 */
export async function openPart(path: string, owner: Owner, resume: PartState | null): Promise<Part | null> {
  const own = join(dirname(path), partName(basename(path), owner))
  if (resume === null) {
    const handle = await open(own, 'w', 0o600)
    await eraseBefore(path, owner)
    return { handle, path: own, state: null }
  }
  const held = await findHeld(path, owner, resume)
  if (held === null) {
    if (await isFinished(path, resume)) return null
    throw new LatchworkError('file_not_found', {
      message: `The unfinished part of ${basename(path)} is gone from the data folder. Run the flow again to write the whole file.`,
    })
  }
  if (held !== own) await copyFile(held, own, constants.COPYFILE_FICLONE)
  const handle = await open(own, 'r+')
  try {
    // The bytes after the last acknowledged page may be half a page.
    await handle.truncate(resume.bytes)
    await handle.sync()
    await eraseBefore(path, owner)
    const { ino } = await handle.stat()
    return { handle, path: own, state: { ...resume, inode: ino, attempt: owner.attempt } }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** The first of the attempts since the acknowledgement whose part is whole: a later one is a copy of it, or of its copy. */
async function findHeld(path: string, { runId, attempt }: Owner, resume: PartState): Promise<string | null> {
  for (let each = resume.attempt; each <= attempt; each += 1) {
    const held = join(dirname(path), partName(basename(path), { runId, attempt: each }))
    const found = await stat(held).catch(notThere)
    if (found !== null && found.size >= resume.bytes) return held
  }
  return null
}

/** Parts of earlier attempts of this run. */
async function eraseBefore(path: string, { runId, attempt }: Owner): Promise<void> {
  for (const entry of await readdir(dirname(path))) {
    const owner = ownerOfPart(entry)
    if (owner?.runId !== runId || owner.attempt >= attempt || entry !== partName(basename(path), owner))
      continue
    await rm(join(dirname(path), entry), { force: true })
  }
}

/** Whether the process ended between the renaming and the run's end: then the file is whole already. */
async function isFinished(path: string, { inode, bytes }: PartState): Promise<boolean> {
  const whole = await stat(path).catch(notThere)
  return whole !== null && whole.ino === inode && whole.size === bytes
}

function notThere(error: unknown): null {
  if (systemCode(error) === 'ENOENT') return null
  throw error
}
