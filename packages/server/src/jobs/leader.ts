import pg from 'pg'
import { pause } from './timing.ts'

/** The number of the leader's lock: any number that nothing else in the database uses. */
const leaderLock = 7_262_711_054
/** How often the others look whether the leader is gone. */
const candidateMs = 2_000
/** PostgreSQL notices after about 25 s that a leader's machine has vanished. */
const keepAlive = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3'

interface Environment {
  readonly stopping: AbortSignal
  readonly aborting: AbortSignal
  readonly onError: (error: unknown) => void
}

/**
 * Calls the handler every `everyMs` while this process holds the lock of the leader. The lock belongs to a connection,
 * so the database releases it as soon as the process ends, however it ends. Resolves once `stopping` has aborted.
 */
export async function repeatAsLeader(
  url: string,
  everyMs: number,
  handler: (signal: AbortSignal) => Promise<void>,
  { stopping, aborting, onError }: Environment,
): Promise<void> {
  while (!stopping.aborted) {
    const broken = new AbortController()
    const client = new pg.Client({
      connectionString: url,
      application_name: 'latchwork leader',
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      options: keepAlive,
    })
    client.on('error', () => broken.abort())
    client.on('end', () => broken.abort())
    const mustEnd = AbortSignal.any([aborting, broken.signal])
    const idle = AbortSignal.any([stopping, broken.signal])
    try {
      await client.connect()
      let leads = false
      while (!idle.aborted) {
        leads ||= await takeLock(client)
        if (leads) await handler(mustEnd).catch(onError)
        await pause(leads ? everyMs : Math.min(everyMs, candidateMs), idle)
      }
    } catch (error) {
      onError(error)
      await pause(candidateMs, stopping)
    } finally {
      await client.end().catch(() => {})
    }
  }
}

async function takeLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [
    leaderLock,
  ])
  return rows[0]?.taken === true
}
