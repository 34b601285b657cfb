import type { Clock, OAuthServer } from '@latchwork/connectors'
import { startStopwatch } from './stopwatch.ts'

/** Until when nothing is sent, as a stopwatch and how much of it. */
interface Wait {
  readonly sinceMs: () => number
  readonly waitMs: number
}

/** As long as an OAuth server is in use, what it told this process: to all of its apps (`''`), or to one by its id. */
const told = new WeakMap<OAuthServer, Map<string, Wait>>()

/**
 * Keeps that a server told to wait, whichever of its endpoints said so.
 * @param clientId the app whose limit it is; null if the server has no time for anybody
 */
export function keepWait(server: OAuthServer, clientId: string | null, waitMs: number, clock: Clock): void {
  const waits = told.get(server) ?? new Map<string, Wait>()
  told.set(server, waits)
  if (waitMs > 0) waits.set(clientId ?? '', { sinceMs: startStopwatch(clock), waitMs })
}

/** Milliseconds for which nothing may be sent to the server for this app. */
export function waitLeftMs(server: OAuthServer, clientId: string): number {
  const waits = told.get(server)
  const left = ['', clientId].map((each) => {
    const wait = waits?.get(each)
    return wait === undefined ? 0 : Math.ceil(wait.waitMs - wait.sinceMs())
  })
  return Math.max(0, ...left)
}
