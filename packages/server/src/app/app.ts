import { openFeatures } from './features.ts'
import { openFoundation } from './foundation.ts'
import { listen } from './listening.ts'
import type { AppOptions } from './options.ts'
import { Releases } from './releases.ts'
import type { OpenStores } from './stores.ts'

const tickMs = 60_000

/** A server, complete but not listening yet. */
export interface App {
  /** Listens. Returns the address, with the real port. @throws {LatchworkError} `port_in_use` */
  listen(): Promise<string>
  /** Takes part in the background work without listening: runs from the queue, alerts, repeated work. */
  work(): Promise<void>
  /** A link that makes the first administrator; null if there is one already. Each call makes a new link. */
  setupLink(): Promise<string | null>
  /** Does the repeated background work once. */
  tick(signal: AbortSignal): Promise<void>
  /** Takes no more requests, waits for those under way, and closes the database. */
  close(): Promise<void>
  readonly stores: OpenStores
}

/**
 * Puts the server together.
 * @throws {LatchworkError} `data_dir_unwritable`, `database_unreachable`, `database_locked`, `database_newer`,
 * `master_key_missing`, `master_key_wrong`, `settings_invalid`, `secret_destination_changed`
 */
export async function createApp(options: AppOptions): Promise<App> {
  const releases = new Releases()
  try {
    return await assemble(options, releases)
  } catch (error) {
    // The first fault matters more than one of the release.
    await releases.run().catch(() => undefined)
    throw error
  }
}

async function assemble(options: AppOptions, releases: Releases): Promise<App> {
  const foundation = await openFoundation(options, releases)
  const features = await openFeatures(foundation, options, releases)
  const { app, authentication, settings, stores } = foundation
  const work = async (): Promise<void> => {
    await features.begin()
    await features.jobs.every(tickMs, features.tick)
  }
  return {
    stores,
    tick: features.tick,
    work,
    listen: async () => {
      const url = await listen(app, settings)
      // Added last, so that it is closed first: no request arrives while the rest is closed.
      releases.add(async () => app.close())
      await work()
      return url
    },
    setupLink: async () =>
      (await authentication.needsSetup())
        ? `${settings.publicUrl}/setup?token=${await authentication.newSetupToken()}`
        : null,
    close: () => releases.run(),
  }
}
