import type { Browser } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { type Running, startRunning } from '../running.ts'

/** A server, and a second process beside it where the database allows one. */
export interface Servers extends AsyncDisposable {
  readonly one: Running
  /** The same as `one` on SQLite. */
  readonly other: Running
  /** The browser as the other process knows it. */
  atOther(browser: Browser): Browser
}

export const databases = ['SQLite', 'PostgreSQL'] as const

export async function startServers(database: (typeof databases)[number]): Promise<Servers> {
  const place = await (database === 'SQLite' ? makeSqlitePlace() : makePostgresPlace())
  const { databaseUrl } = place.settings
  const one = await startRunning(null, { settings: { databaseUrl } })
  const { masterKeyFile } = one.settings
  const other =
    databaseUrl === null ? one : await startRunning(null, { settings: { databaseUrl, masterKeyFile } })
  return {
    one,
    other,
    atOther(browser) {
      const same = other.browser()
      for (const jar of browser.cookies.values()) same.cookies.set(new URL(other.url).host, new Map(jar))
      return same
    },
    async [Symbol.asyncDispose]() {
      if (other !== one) await other.stop()
      await one.stop()
      await place.remove()
    },
  }
}
