import type { Clock, OAuthServer } from '@latchwork/connectors'
import { startStopwatch } from './stopwatch.ts'

/** A wait, as its stopwatch and its length. */
interface Wait {
  readonly sinceMs: () => number
  readonly waitMs: number
}

/**
 * The waits that an OAuth server asked this process for, as long as it is in use: for all of its apps (`''`), or for
 * one by its id.
 */
const waitsOf = new WeakMap<OAuthServer, Map<string, Wait>>()

/**
 * Remembers that a server asked to wait, at any of its endpoints.
 * @param clientId the app with the limit; null if the server asks all apps to wait
 */
export function keepWait(server: OAuthServer, clientId: string | null, waitMs: number, clock: Clock): void {
  const waits = waitsOf.get(server) ?? new Map<string, Wait>()
  waitsOf.set(server, waits)
  if (waitMs > 0) waits.set(clientId ?? '', { sinceMs: startStopwatch(clock), waitMs })
}

/** Milliseconds for which nothing may be sent to the server for this app. */
export function waitLeftMs(server: OAuthServer, clientId: string): number {
  const waits = waitsOf.get(server)
  const left = ['', clientId].map((each) => {
    const wait = waits?.get(each)
    return wait === undefined ? 0 : Math.ceil(wait.waitMs - wait.sinceMs())
  })
  return Math.max(0, ...left)
}
