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

/** The file of changes beside a stream's: `leads-2026-11-27T10-15-00Z.jsonl`. No file has the name yet. */
export async function unusedName(
  name: string,
  nowMs: number,
  fileOf: (name: string) => Promise<WritableFile>,
): Promise<string> {
  const { stem, ending } = partsOf(name)
  for (let ms = nowMs; ; ms += 1000) {
    const time = new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
    const dated = `${stem}-${time.replaceAll(':', '-')}${ending}`
    const { folder, storedName } = await fileOf(dated)
    if (!(await isThere(dataFilePath(folder, storedName)))) return dated
  }
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
