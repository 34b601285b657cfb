import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BootstrapError, runtimeFolder, say } from './ground.mjs'

const pollMs = 300
const patienceMs = 15 * 60_000

/**
 * One command at a time changes the checkout; a second one waits. The lock is a file with the holder's process id. A
 * dead process holds no lock.
 *
 * @param {() => Promise<void>} work
 */
export async function withLock(work) {
  mkdirSync(runtimeFolder, { recursive: true })
  const file = join(runtimeFolder, 'lock')
  const deadline = Date.now() + patienceMs
  for (let waited = false; !take(file); waited = true) {
    const holder = readHolder(file)
    if (holder !== undefined && !isAlive(holder)) {
      rmSync(file, { force: true })
      continue
    }
    if (!waited) say('Another command is installing in this folder; waiting for it.')
    if (Date.now() > deadline)
      throw new BootstrapError(`Process ${holder} still holds ${file}. Stop it, then try again.`)
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  try {
    await work()
  } finally {
    rmSync(file, { force: true })
  }
}

/** @param {string} file */
function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/**
 * @param {string} file
 * @returns {number | undefined} undefined when the lock is just being written or has just been released
 */
function readHolder(file) {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch {
    return undefined
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
