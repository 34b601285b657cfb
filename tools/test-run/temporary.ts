import { accessSync, chmodSync, constants, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

const memory = '/dev/shm'
/** Below this the databases of a whole run might not fit. */
const leastBytes = 4 * 2 ** 30

/**
 * Makes a temporary folder in memory for the files of tests: on a disk SQLite waits for each commit to be written, and no
 * test needs that.
 * @returns null if the machine has no such memory or too little of it
 */
export function folderInMemory(): { readonly path: string; remove(): void } | null {
  try {
    accessSync(memory, constants.W_OK)
    const { bavail, bsize } = statfsSync(memory)
    if (bavail * bsize < leastBytes) return null
    const path = mkdtempSync(join(memory, 'latchwork-tests-'))
    // PostgreSQL runs as another user and has its own folder inside.
    chmodSync(path, 0o711)
    return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
  } catch {
    return null
  }
}
