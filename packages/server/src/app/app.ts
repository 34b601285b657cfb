import { openFeatures } from './features.ts'
import { openFoundation } from './foundation.ts'
import { listen } from './listening.ts'
import type { AppOptions } from './options.ts'
import { Releases } from './releases.ts'
import type { OpenStores } from './stores.ts'

const tickMs = 60_000

/** A server, complete but not listening yet. */
export interface App {
  /** Listens; answers the address with the real port. @throws {LatchworkError} `port_in_use` */
  listen(): Promise<string>
  /** The link by which the administrator is made; null if there is one. Each call makes a new link. */
  setupLink(): Promise<string | null>
  /** What repeats itself in the background, once. */
  tick(signal: AbortSignal): Promise<void>
  /** Takes no more requests, lets what is under way end, and closes the database. */
  close(): Promise<void>
  readonly stores: OpenStores
}

/**
 * Puts the server together.
 * @throws {LatchworkError} `data_dir_unwritable`, `database_unreachable`, `database_locked`, `database_newer`,
 * `master_key_missing`, `master_key_wrong`, `settings_invalid`
 */
export async function createApp(options: AppOptions): Promise<App> {
  const releases = new Releases()
  try {
    return await assemble(options, releases)
  } catch (error) {
    // What could not be released is less than what went wrong.
    await releases.run().catch(() => undefined)
    throw error
  }
}

async function assemble(options: AppOptions, releases: Releases): Promise<App> {
  const foundation = await openFoundation(options, releases)
  const features = await openFeatures(foundation, options, releases)
  const { app, authentication, settings, stores } = foundation
  return {
    stores,
    tick: features.tick,
    listen: async () => {
      const url = await listen(app, settings)
      // Opened last, so that no more requests are taken before anything else ends.
      releases.add(async () => app.close())
      await features.begin()
      await features.jobs.every(tickMs, features.tick)
      return url
    },
    setupLink: async () =>
      (await authentication.needsSetup())
        ? `${settings.publicUrl}/setup?token=${await authentication.newSetupToken()}`
        : null,
    close: () => releases.run(),
  }
}
