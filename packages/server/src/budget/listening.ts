import type { Clock } from '@latchwork/connectors'
import pg from 'pg'
import { type BudgetNews, channel, readNews } from './store.ts'

/** How long a connection that broke is left alone. */
const againMs = 1_000

/**
 * Hears what other processes say of budgets, by a connection of its own. Without it they are heard of later: who waits
 * asks again. Resolves once the signal has aborted.
 */
export async function listenForNews(
  url: string,
  { clock, signal, heard }: { clock: Clock; signal: AbortSignal; heard: (news: BudgetNews) => void },
): Promise<void> {
  while (!signal.aborted) {
    const ended = Promise.withResolvers<void>()
    const client = new pg.Client({
      connectionString: url,
      application_name: 'latchwork budget',
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    })
    const end = (): void => ended.resolve()
    client.on('error', end)
    client.on('end', end)
    client.on('notification', ({ payload }) => {
      const news = readNews(payload ?? '')
      if (news !== null) heard(news)
    })
    signal.addEventListener('abort', end, { once: true })
    try {
      await client.connect()
      await client.query(`listen ${channel}`)
      if (!signal.aborted) await ended.promise
    } catch {
      // It is tried again: the same database is asked by every query, which reports it.
    } finally {
      signal.removeEventListener('abort', end)
      await client.end().catch(() => undefined)
    }
    await clock.sleep(againMs, signal).catch(() => undefined)
  }
}
