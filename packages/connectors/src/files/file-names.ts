import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { systemCode } from '@latchwork/contract'
import type { WritableFile } from '../interface.ts'
import { targetName, unfitTarget } from '../target-name.ts'
import { dataFilePath } from './data-file.ts'

/** Bytes of a name that its stream and a time need at least, and those of all. */
const leastBytes = 60
const mostBytes = 200

/**
 * The file of a stream beside the form's: `close.jsonl` and `Lead statuses` become `close-lead_statuses.jsonl`, so that two
 * destinations of one folder do not write over one another's files.
 * @throws LatchworkError `invalid_input`
 */
export function streamFileName(form: string, target: string): string {
  const { stem, ending } = partsOf(form)
  const room = mostBytes - Buffer.byteLength(form) - leastBytes / 2
  if (room < leastBytes / 2)
    throw unfitTarget(`The file name ${form} is too long to have a stream's name in it.`)
  return `${stem}-${targetName(target, room)}${ending}`
}

/** Files of one folder, or of one owner. */
export interface NamedFiles {
  file(name: string): Promise<WritableFile>
  /** The names that begin so. */
  names(start: string): Promise<readonly string[]>
}

/**
 * The file of changes beside a stream's: `leads-2026-11-27T10-15-00Z.jsonl`. No file has the name yet, and it comes after
 * those of before by name as by time: also where the clock was set back, or another machine wrote with another clock.
 */
export async function unusedName(name: string, nowMs: number, files: NamedFiles): Promise<string> {
  const { stem, ending } = partsOf(name)
  const before = await files.names(`${stem}-`)
  const times = before.flatMap((other) => timeIn(other, stem, ending) ?? [])
  for (let ms = Math.max(nowMs, ...times.map((each) => each + 1000)); ; ms += 1000) {
    const time = new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
    const dated = `${stem}-${time.replaceAll(':', '-')}${ending}`
    const { folder, storedName } = await files.file(dated)
    if (!(await isThere(dataFilePath(folder, storedName)))) return dated
  }
}

/** The time in the name of a file of changes; null for any other. */
function timeIn(name: string, stem: string, ending: string): number | null {
  if (!name.startsWith(`${stem}-`) || !name.endsWith(ending)) return null
  const text = name.slice(stem.length + 1, name.length - ending.length)
  const [, day, hour, minute, second] = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z$/.exec(text) ?? []
  const ms = Date.parse(`${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(ms) ? null : ms
}

function partsOf(name: string): { readonly stem: string; readonly ending: string } {
  const ending = extname(name)
  return { stem: name.slice(0, name.length - ending.length), ending }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  }
}
