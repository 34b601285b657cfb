import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Running, startRunning } from '../running.ts'

let server: Running
beforeAll(async () => {
  server = await startRunning(null, { timeouts: { headersMs: 400, requestMs: 800 } })
})
afterAll(() => server?.stop())

/** Sends the beginning, then a byte every now and then, for as long as it may; answers what came back. */
function drip(beginning: string, byte: string): Promise<string> {
  const ca = readFileSync(join(server.dataDir, 'tls/cert.pem'), 'utf8')
  return new Promise((resolve) => {
    let answer = ''
    let dripping: NodeJS.Timeout | undefined
    const socket: TLSSocket = connect(
      { port: Number(new URL(server.url).port), host: '127.0.0.1', ca, servername: 'localhost' },
      () => {
        socket.write(beginning)
        dripping = setInterval(() => socket.write(byte), 50)
      },
    )
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString()
    })
    // Writing into a closed connection is an error, and the end as well.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearInterval(dripping)
      resolve(answer)
    })
  })
}

describe('a client that never ends its request', () => {
  it('#46 is sent away while it drips headers, and the server answers others meanwhile', async () => {
    const slow = Array.from({ length: 200 }, () =>
      drip('GET /health/live HTTP/1.1\r\nhost: localhost\r\n', 'x: y\r\n'),
    )
    const answer = await server.browser().fetch(`${server.url}/health/live`)
    expect(answer.status).toBe(200)
    const ended = await Promise.all(slow)
    expect(ended.filter((text) => text.includes(' 200 '))).toEqual([])
  })

  it('#46 is sent away while it drips a body', async () => {
    const head =
      'POST /api/session HTTP/1.1\r\nhost: localhost\r\nx-latchwork: 1\r\ncontent-type: application/json\r\n'
    expect(await drip(`${head}content-length: 100000\r\n\r\n`, ' ')).not.toContain(' 200 ')
  })
})
