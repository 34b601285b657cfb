import { open } from 'node:fs/promises'
import { exposureOf } from '@latchwork/contract'
import { CommandError } from './exit-codes.ts'

/**
 * The text of a file with an API token.
 * @throws {CommandError} `usage` if others than its owner can read it
 */
export async function readPrivateFile(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { mode } = await file.stat()
    const exposure = process.platform === 'win32' ? null : exposureOf(mode)
    if (exposure !== null) throw new CommandError('usage', `The file ${path} ${exposure}`)
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}
