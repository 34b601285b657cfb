import { createServer, type Server } from 'node:http'
import { parseArgs } from 'node:util'
import { invalidField, LatchworkError, systemCode } from '@latchwork/contract'
import { type App, createApp } from '../app/app.ts'
import { onceASecond } from '../http/probes.ts'
import type { Settings } from '../settings/settings.ts'

const usage = 'worker [--health-port PORT]'

/**
 * `worker`: a process without page and API that shares the queue with the servers and workers of the same PostgreSQL
 * database: it executes runs, delivers alerts, and does the repeated work where no other process does. It goes on until
 * it is closed.
 * @throws {LatchworkError} `settings_invalid` on SQLite; `invalid_input`, `port_in_use`, and as at start
 */
export async function openWorker(
  settings: Settings,
  args: string[],
  options: Omit<Parameters<typeof createApp>[0], 'settings'> = {},
): Promise<Pick<App, 'close'>> {
  const port = healthPort(args)
  if (settings.databaseUrl === null) {
    throw new LatchworkError('settings_invalid', {
      message:
        'A worker shares the queue of a PostgreSQL database. SQLite serves one process: its server executes all runs by itself. Set LATCHWORK_DATABASE_URL for the server and its workers, or start no worker.',
    })
  }
  const app = await createApp({ ...options, settings })
  try {
    const health = port === null ? null : await answerHealth(settings.host, port, () => app.stores.ping())
    await app.work()
    return {
      close: async () => {
        health?.close()
        await app.close()
      },
    }
  } catch (error) {
    await app.close()
    throw error
  }
}

function healthPort(args: string[]): number | null {
  let text: string | undefined
  try {
    text = parseArgs({ args, options: { 'health-port': { type: 'string' } } }).values['health-port']
  } catch {
    throw invalidField('worker', 'usage', `Call it like this: ${usage}`)
  }
  if (text === undefined) return null
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port >= 1 && port <= 65_535) return port
  throw invalidField('health-port', 'port', 'must be a whole number from 1 to 65535')
}

/** `/health/live` and `/health/ready` as a server's, by plain http: there is nothing secret in it. @throws {LatchworkError} `port_in_use` */
async function answerHealth(host: string, port: number, ping: () => Promise<void>): Promise<Server> {
  const ready = onceASecond(ping)
  const server = createServer(async ({ url }, response) => {
    const proof = url === '/health/live' ? Promise.resolve() : url === '/health/ready' ? ready() : null
    const status =
      proof === null
        ? 404
        : await proof.then(
            () => 200,
            () => 503,
          )
    response.writeHead(status).end()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        systemCode(error) === 'EADDRINUSE'
          ? new LatchworkError('port_in_use', {
              message: `The port ${port} on ${host} is taken by another program. Give --health-port a free one.`,
            })
          : error,
      ),
    )
    server.listen(port, host, resolve)
  })
  return server
}
