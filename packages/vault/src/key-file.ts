import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { LatchworkError } from '@latchwork/contract'
import type { KeyProvider } from './key-provider.ts'
import { createLocalProvider, newKeyLine, parseKeys } from './local-keys.ts'

const note =
  '# Latchwork master key. Without it nothing in the database can be opened: keep a copy apart from it.'

interface KeyFileOptions {
  /** Make the file if it isn't there: only for a database that holds nothing sealed yet. */
  readonly create: boolean
}

/**
 * Master keys from a file that only its owner can read.
 * @throws LatchworkError `master_key_missing` if the file isn't there and may not be made, can't be read, holds no key,
 * or others can read it; `data_dir_unwritable` if it may be made but can't
 */
export function openKeyFile(path: string, options: KeyFileOptions): KeyProvider {
  const description = `the key file ${path}`
  if (!existsSync(path)) {
    if (!options.create)
      throw missing(`${description} isn't there. Put it back, or set LATCHWORK_MASTER_KEY_FILE.`)
    makeKeyFile(path)
  }
  return createLocalProvider(parseKeys(readPrivate(path, description), description), description)
}

function readPrivate(path: string, description: string): string {
  try {
    const file = openSync(path, 'r')
    try {
      const mode = fstatSync(file).mode & 0o777
      if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
        throw missing(`${description} can be read by others (mode ${mode.toString(8)}). Run chmod 600 on it.`)
      }
      return readFileSync(file, 'utf8')
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (error instanceof LatchworkError) throw error
    throw missing(`${description} can't be read. Check who owns it.`)
  }
}

/** @throws LatchworkError `data_dir_unwritable` */
function makeKeyFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeOnce(path, `${note}\n${newKeyLine()}\n`)
    syncFolder(dirname(path))
  } catch (cause) {
    throw new LatchworkError('data_dir_unwritable', {
      message: `The key file ${path} can't be made. Let the server write to that folder.`,
      cause,
    })
  }
}

/** Complete before it has its name, and never in place of a file that is there: of two starts at once one wins. */
function writeOnce(path: string, text: string): void {
  // Not named by the process id: in a container every start has the same one, and a crash leaves its file behind.
  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`
  const file = openSync(temporary, 'wx', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    linkSync(temporary, path)
  } catch (error) {
    if (!existsSync(path)) throw error
  } finally {
    unlinkSync(temporary)
  }
}

function syncFolder(path: string): void {
  if (process.platform === 'win32') return // a folder can't be opened there, and needn't be
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function missing(message: string): LatchworkError {
  return new LatchworkError('master_key_missing', { message })
}
