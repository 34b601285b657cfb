import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'

/** Thrown for a file with a secret that others than its owner can read. */
export class ExposedFileError extends Error {
  override readonly name = 'ExposedFileError'

  /** @param mode the file's permissions, octal */
  constructor(mode: string) {
    super(`can be read by others (mode ${mode}). Run chmod 600 on it.`)
  }
}

/**
 * The text of a file with a secret.
 * @throws {ExposedFileError} if its group or others may do anything with it; what the file system throws
 */
export function readPrivateFile(path: string): string {
  const file = openSync(path, 'r')
  try {
    const mode = fstatSync(file).mode & 0o777
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw new ExposedFileError(mode.toString(8))
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}
