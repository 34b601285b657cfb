import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** @type {NodeJS.Signals[]} */
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Runs a program to its end. A signal that comes meanwhile goes to the program, and this process waits for it:
 * so Ctrl-C stops everything, and the program's own farewell is heard.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { onOutput?: (chunk: string) => void }} options
 *   `onOutput` takes what a piped program prints
 * @returns {Promise<number>} its exit status; 128 + the signal's number if a signal ended it
 */
export function run(file, args, { onOutput, ...options }) {
  const child = spawn(file, args, options)
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => {
    // A terminal sends Ctrl-C to the whole foreground group: the program already has it.
    if (signal === 'SIGINT' && process.stdin.isTTY) return
    child.kill(signal)
  }
  for (const signal of forwarded) process.on(signal, pass)
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => onOutput?.(chunk))
  }
  /** @type {Promise<number>} */
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
  return ended.finally(() => {
    for (const signal of forwarded) process.off(signal, pass)
  })
}
