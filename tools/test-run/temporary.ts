import { accessSync, chmodSync, constants, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

const memory = '/dev/shm'
/** The databases of a whole run take about a fifth of it. */
const leastBytes = 4 * 2 ** 30

/**
 * A temporary folder for what tests keep, in memory where the machine has room there: SQLite waits for the disk at each
 * commit, which no test is about. Null elsewhere: then the system's own is as good.
 */
export function folderInMemory(): { readonly path: string; remove(): void } | null {
  try {
    accessSync(memory, constants.W_OK)
    const { bavail, bsize } = statfsSync(memory)
    if (bavail * bsize < leastBytes) return null
    const path = mkdtempSync(join(memory, 'latchwork-tests-'))
    // PostgreSQL runs as another user, and has a folder of its own in it.
    chmodSync(path, 0o711)
    return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
  } catch {
    return null
  }
}
