import { join } from 'node:path'
import { fileNameSchema, LatchworkError, systemCode } from '@latchwork/contract'
import type { Config } from '../interface.ts'

/**
 * Why a file name cannot be used, or null. A name has no path, nothing hidden, and ends where it seems to end
 * (Windows drops dots and spaces at the end, so that two names would be one file).
 */
export function fileNameFault(name: string): string | null {
  const result = fileNameSchema.safeParse(name)
  if (!result.success) return result.error.issues[0]?.message ?? 'is not a file name'
  if (/[. ]$/.test(name)) return 'may not end with a dot or a space'
  if (Buffer.byteLength(name) > 200) return 'is too long'
  return null
}

/** The rules of file names that the definitions can't express. */
export function fileFaults(values: Config): Record<string, string> {
  const fault = fileNameFault(values['file'] ?? '')
  return fault === null ? {} : { file: fault }
}

/**
 * The path of a file in the data folder.
 * @throws LatchworkError `invalid_input` for a name that is not a plain file name
 */
export function dataFilePath(folder: string, name: string): string {
  const fault = fileNameFault(name)
  if (fault === null) return join(folder, name)
  throw new LatchworkError('invalid_input', {
    message: `The file name ${fault}.`,
    errors: [{ field: 'file', rule: 'file_name', message: fault }],
  })
}

/** As `fileSystemError`, of a file that is being written: nobody has to upload it. */
export function writingError(error: unknown, name: string): unknown {
  if (systemCode(error) !== 'ENOENT') return fileSystemError(error, name)
  return new LatchworkError('data_dir_unwritable', {
    message: `${name} can't be written: the data folder, or the unfinished file in it, is gone. Make sure that the folder is there, and run the flow again.`,
    cause: error,
  })
}

/** Turns an error of the file system into one with a code; other errors come back unchanged. */
export function fileSystemError(error: unknown, name: string): unknown {
  if (error instanceof LatchworkError) return error
  switch (systemCode(error)) {
    case 'ENOENT':
      return new LatchworkError('file_not_found', {
        message: `There is no file ${name} in the data folder. Upload it, or choose another.`,
        cause: error,
      })
    case 'EISDIR':
      return new LatchworkError('file_invalid', { message: `${name} is a folder, not a file.`, cause: error })
    case 'ENOSPC':
    case 'EDQUOT':
      return new LatchworkError('disk_full', {
        message: `${name} can't be written: the disk is full. Free some space.`,
        cause: error,
      })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new LatchworkError('data_dir_unwritable', {
        message: `${name} can't be opened: the server has no permission for it in its data folder.`,
        cause: error,
      })
    default:
      return error
  }
}
