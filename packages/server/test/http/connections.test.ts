import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { startSandbox } from 'close-sandbox'
import { expect, it } from 'vitest'
import { startRunning } from '../running.ts'

const host = 'localhost'

/** Connections that a browser or a stranger holds open, none of which waits for an answer. */
const kinds: Readonly<Record<string, (port: number) => Promise<Socket>>> = {
  'one without TLS': async (port) => {
    const socket = connectTcp(port, '127.0.0.1')
    await once(socket, 'connect')
    return socket
  },
  'a spare one': async (port) => secured(port),
  'one with half a request': async (port) => {
    const socket = await secured(port)
    socket.write('GET /api/session HTTP/1.1\r\nhost: localhost\r\n')
    return socket
  },
  'one that was answered': async (port) => {
    const socket = await secured(port)
    socket.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\n\r\n')
    await once(socket, 'data')
    return socket
  },
}

async function secured(port: number): Promise<Socket> {
  const socket = connectTls({ port, host: '127.0.0.1', servername: host, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  return socket
}

it.each(Object.keys(kinds))('ends at once while %s is open', async (kind) => {
  const server = await startRunning(null)
  const socket = await kinds[kind]?.(Number(new URL(server.url).port))
  if (socket === undefined) throw new Error(`no connection ${kind}`)
  socket.on('error', () => undefined) // a reset is as good an end as any
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const startedAt = performance.now()
  await server.stop()
  await closed
  expect(performance.now() - startedAt).toBeLessThan(4000)
})

it('an answer under way is finished first', async () => {
  const sandbox = await startSandbox({ leads: 1 })
  const server = await startRunning(sandbox)
  const person = await server.signedIn()
  const values = { apiKey: sandbox.apiKeys[0]?.key ?? '' }
  sandbox.control.setLatency(500)
  sandbox.control.clearRequests()
  const asked = person.client.credentials.verify({ body: { connector: 'close', method: 'api_key', values } })
  await expect.poll(() => sandbox.control.requests().length).toBeGreaterThan(0)
  await server.stop()
  expect((await asked).status).toBe('verified')
  await sandbox.close()
})
