import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { exposureOf } from '@latchwork/contract'

/** Thrown for a file with a secret that others than its owner can read. */
export class ExposedFileError extends Error {
  override readonly name = 'ExposedFileError'
}

/**
 * The text of a file with a secret.
 * @throws {ExposedFileError} if its group or others may do anything with it; what the file system throws
 */
export function readPrivateFile(path: string): string {
  const file = openSync(path, 'r')
  try {
    const exposure = process.platform === 'win32' ? null : exposureOf(fstatSync(file).mode)
    if (exposure !== null) throw new ExposedFileError(exposure)
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}
