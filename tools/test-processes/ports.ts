import { createServer } from 'node:net'

/** Below those that the system gives to connections and to whoever asks for any port: one of them could be gone at once. */
const [first, many] = [20_000, 12_000]
let next = (process.pid * 31) % many

/** A port that nobody listens on, and that this process has not been given before. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < many; tried += 1) {
    const port = first + next
    next = (next + 1) % many
    if (await isFree(port)) return port
  }
  throw new Error('This machine has no free port.')
}

/** Whether nobody listens on a port of this machine. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, () => probe.close(() => resolve(true)))
  })
}
