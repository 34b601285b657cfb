import { dataFilePath, fileNameFault } from '@latchwork/connectors'
import { idSchema, LatchworkError } from '@latchwork/contract'

/** Largest upload in bytes. */
export const maxUploadBytes: number = 512 * 1024 * 1024
const fileId = idSchema('file')

/** @throws {LatchworkError} `invalid_input` */
export function checkName(named: string): void {
  dataFilePath('', named)
}

export function tooLarge(): LatchworkError {
  return new LatchworkError('body_too_large', {
    message: `The file is larger than ${maxUploadBytes / 1024 / 1024} MB. Put it into the data folder on the server itself.`,
  })
}

export function notFound(named: string): LatchworkError {
  const shown = fileNameFault(named) === null && !fileId.safeParse(named).success ? ` ${named}` : ''
  return new LatchworkError('file_not_found', {
    message: `There is no file${shown} that may be used here. Upload it, choose another, or ask its owner to share it.`,
  })
}
