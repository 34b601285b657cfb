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
    for (const socket of [client, server]) {
      open.add(socket)
      socket.on('error', () => undefined)
    }
    client.on('close', () => server.destroy())
    // A server that has sent everything hangs up; the command is not to learn of it where the network holds.
    if (then === 'break') server.on('close', () => client.destroySoon())
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
