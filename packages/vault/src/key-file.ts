import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { LatchworkError } from '@latchwork/contract'
import type { ChangeableKeys, KeyProvider } from './key-provider.ts'
import { createLocalProvider, fingerprint, newKeyLine, parseKey, parseKeys } from './local-keys.ts'
import { ExposedFileError, readPrivateFile } from './private-file.ts'

const note =
  '# Latchwork master key. Without it nothing in the database can be opened: keep a copy apart from it.'

const retiredNote =
  '# Retired Latchwork master keys. Only backups made before they were retired need them: delete with the last of those.'

interface KeyFileOptions {
  /** Make the file if it isn't there: only for a database that holds nothing sealed yet. */
  readonly create: boolean
}

/**
 * Master keys from a file that only its owner can read: a line each, the first is active. A file that is changed while
 * the server runs is read again, so that several servers with the same file change over together.
 * @throws LatchworkError `master_key_missing` if the file isn't there and may not be made, can't be read, holds no key,
 * or others can read it; `data_dir_unwritable` if it may be made but can't
 */
export function openKeyFile(path: string, options: KeyFileOptions): ChangeableKeys {
  const description = `the key file ${path}`
  if (!existsSync(path)) {
    if (!options.create)
      throw missing(`${description} isn't there. Put it back, or set LATCHWORK_MASTER_KEY_FILE.`)
    makeKeyFile(path)
  }
  const read = (): KeyProvider =>
    createLocalProvider(parseKeys(readPrivate(path, description), description), description)
  let keys = { stamp: stampOf(path), provider: read() }
  const current = (): KeyProvider => {
    const stamp = stampOf(path)
    if (stamp !== keys.stamp) keys = { stamp, provider: readOr(read, keys.provider) }
    return keys.provider
  }
  /** Comments stay where they are; the answer is what stands in the file from now on. */
  const change = (edit: (lines: string[]) => string[]): void => {
    const lines = readPrivate(path, description).split(/\r?\n/)
    const text = edit(lines.filter((line) => line.trim() !== '')).join('\n')
    parseKeys(text, description)
    replaceFile(path, `${text}\n`)
  }
  const isKey = (keyId: string) => (line: string) =>
    !line.trim().startsWith('#') && fingerprint(parseKey(line.trim(), description)) === keyId
  const held = (keyId: string): void => {
    if (!current().keyIds.includes(keyId)) throw missing(`${description} doesn't hold the key ${keyId}.`)
  }
  return {
    description,
    get activeKeyId() {
      return current().activeKeyId
    },
    get keyIds() {
      return current().keyIds
    },
    wrap: (dataKey) => current().wrap(dataKey),
    unwrap: (wrapped) => current().unwrap(wrapped),
    add: () => {
      const line = newKeyLine()
      change((lines) => [...lines, line])
      return fingerprint(parseKey(line, description))
    },
    activate: (keyId) => {
      held(keyId)
      change((lines) => {
        const firstKey = lines.findIndex((line) => !line.trim().startsWith('#'))
        const chosen = lines.filter(isKey(keyId))
        const others = lines.filter((line) => !isKey(keyId)(line))
        return [...others.slice(0, firstKey), ...chosen.slice(0, 1), ...others.slice(firstKey)]
      })
    },
    archive: (keyId) => {
      held(keyId)
      if (current().activeKeyId === keyId) throw new LatchworkError('master_key_in_use')
      const lines = readPrivate(path, description)
        .split(/\r?\n/)
        .filter((line) => line.trim() !== '')
      const retiredPath = `${path}.retired`
      const earlier = existsSync(retiredPath) ? readPrivate(retiredPath, retiredPath).trimEnd() : retiredNote
      // Written before it is taken out: of the two files at least one has the key whenever the process ends.
      replaceFile(retiredPath, `${[earlier, ...lines.filter(isKey(keyId)).slice(0, 1)].join('\n')}\n`)
      change((all) => all.filter((line) => !isKey(keyId)(line)))
    },
  }
}

/** Tells one state of the file from another; empty for none. */
function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true })
  return found === undefined ? '' : [found.ino, found.mtimeNs, found.size].join(' ')
}

/** A file that was taken away or damaged under a running server is found out at its next start. */
function readOr(read: () => KeyProvider, known: KeyProvider): KeyProvider {
  try {
    return read()
  } catch {
    return known
  }
}

/** @throws LatchworkError `data_dir_unwritable` */
function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    writeNew(temporary, text)
    renameSync(temporary, path)
    syncFolder(dirname(path))
  } catch (cause) {
    throw new LatchworkError('data_dir_unwritable', {
      message: `The key file ${path} can't be written. Let the server write to that folder, or change the file by hand.`,
      cause,
    })
  }
}

function readPrivate(path: string, description: string): string {
  try {
    return readPrivateFile(path)
  } catch (error) {
    if (error instanceof ExposedFileError) throw missing(`${description} ${error.message}`)
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
  writeNew(temporary, text)
  try {
    linkSync(temporary, path)
  } catch (error) {
    if (!existsSync(path)) throw error
  } finally {
    unlinkSync(temporary)
  }
}

function writeNew(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
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
