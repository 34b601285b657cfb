import { fileURLToPath } from 'node:url'

/** The folder of this checkout. */
export const checkout = fileURLToPath(new URL('../../', import.meta.url))

/** A folder in the checkout that git ignores: for a newer Node, and the lock of an installation. */
export const runtimeFolder = fileURLToPath(new URL('../../.node/', import.meta.url))

/** A reason to stop that a person can act on; printed without a stack. */
export class BootstrapError extends Error {
  /**
   * @param {string} message
   * @param {number} status the exit status
   */
  constructor(message, status = 1) {
    super(message)
    this.status = status
  }
}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`latchwork: ${line}\n`)
}
