import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** @type {NodeJS.Signals[]} */
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP']
const parentCheckMs = 1000

/**
 * Runs a program to its end. It passes signals on to the program and waits for it, so that Ctrl-C stops everything and
 * the program's last output is shown.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { onOutput?: (chunk: string) => void, graceMs?: number }} options
 *   `onOutput` gets the output of a piped program; after a signal and `graceMs` the program is killed (default: never)
 * @returns {Promise<number>} its exit status; 128 + the signal's number if it failed after a signal or by one
 */
export function run(file, args, { onOutput, graceMs, ...options }) {
  const child = spawn(file, args, options)
  /** @type {NodeJS.Signals | undefined} */
  let received
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => {
    received = signal
    if (graceMs !== undefined) setTimeout(() => child.kill('SIGKILL'), graceMs).unref()
    // A terminal sends Ctrl-C to the whole foreground group: the program already has it.
    if (signal === 'SIGINT' && process.stdin.isTTY) return
    child.kill(signal)
  }
  for (const signal of forwarded) process.on(signal, pass)
  const stopWatching = watchParent(() => pass('SIGTERM'))
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => onOutput?.(chunk))
  }
  /** @type {Promise<number>} */
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const reason = code === 0 ? undefined : (received ?? signal ?? undefined)
      resolve(reason === undefined ? (code ?? 1) : 128 + constants.signals[reason])
    })
  })
  return ended.finally(() => {
    stopWatching()
    for (const signal of forwarded) process.off(signal, pass)
  })
}

/**
 * npm runs scripts in a shell, and a shell that is told to end does not tell its children. They notice it here.
 *
 * @param {() => void} onGone
 * @returns {() => void} ends the watch
 */
function watchParent(onGone) {
  if (process.env['npm_lifecycle_event'] === undefined) return () => {}
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onGone()
  }, parentCheckMs)
  return () => clearInterval(timer)
}
