import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A network between the command and a server, which fails. */
export interface Relay extends AsyncDisposable {
  /** The server's address by way of the relay; its certificate is the server's. */
  readonly url: string
}

/**
 * Passes on what a server answers until `bytes` of a connection have come, those of the encryption counted; then it
 * breaks off, or passes on nothing more.
 */
export async function startRelay(serverUrl: string, bytes: number, then: 'break' | 'hold'): Promise<Relay> {
  const open = new Set<Socket>()
  const relay = createServer((client) => {
    const server = connect(Number(new URL(serverUrl).port), 'localhost')
    let passed = 0
    server.on('data', (chunk: Buffer) => {
      const piece = chunk.subarray(0, bytes - passed)
      passed += piece.length
      if (piece.length > 0) client.write(piece)
      if (passed >= bytes && then === 'break') client.destroySoon()
    })
    client.on('data', (chunk: Buffer) => server.write(chunk))
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      open.add(one)
      one.on('error', () => undefined)
      one.on('close', () => other.destroy())
    }
  })
  relay.listen(0, 'localhost')
  await once(relay, 'listening')
  const address = relay.address()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return {
    url: `https://localhost:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy()
      relay.close()
      await once(relay, 'close')
    },
  }
}
