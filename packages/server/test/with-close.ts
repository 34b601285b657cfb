import { type Sandbox, startSandbox } from 'close-sandbox'
import type { Browser } from './browser.ts'
import { type Running, type RunningOptions, startRunning } from './running.ts'

/** What most tests begin with. */
export interface WithClose {
  /** What the server takes for Close. */
  readonly sandbox: Sandbox
  readonly server: Running
  /** The administrator's. */
  readonly person: Browser
  /** Of all of it: what `beforeAll` returns is called after the tests. */
  stop(): Promise<void>
}

interface Options extends RunningOptions {
  readonly leads: number
}

/** A server, the sandbox that it takes for Close, and somebody signed in. */
export async function startWithClose({ leads, ...options }: Options): Promise<WithClose> {
  const ends: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    const sandbox = await startSandbox({ leads })
    ends.push(() => sandbox.close())
    const server = await startRunning(sandbox, options)
    ends.push(() => server.stop())
    return { sandbox, server, person: await server.signedIn(), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
