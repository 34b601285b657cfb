import { createReadStream } from 'node:fs'

const lineBreak = 0x0a
const quote = 0x22

/**
 * How many records a file has that was written here: its lines, in CSV but the header and those within quotes.
 * @param path absolute; 0 where nothing is there
 */
export async function countRecords(path: string, format: string | undefined): Promise<number> {
  const isCsv = format === 'csv'
  let lines = 0
  let isQuoted = false
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      for (const byte of chunk) {
        if (byte === quote && isCsv) isQuoted = !isQuoted
        else if (byte === lineBreak && !isQuoted) lines += 1
      }
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
  return isCsv ? Math.max(0, lines - 1) : lines
}
