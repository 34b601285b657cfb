import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A way to another system that can be taken away: connections are lost, and new ones too. */
export interface Line extends AsyncDisposable {
  /** The same address by way of the line. */
  readonly url: URL
  cut(): void
  mend(): void
}

/** @param defaultPort where the address names none */
export async function startLine(target: URL, defaultPort: number): Promise<Line> {
  const sockets = new Set<Socket>()
  let whole = true
  const server = createServer((near) => {
    if (!whole) {
      near.destroy()
      return
    }
    const far = connect(target.port === '' ? defaultPort : Number(target.port), target.hostname)
    for (const [socket, peer] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(socket)
          peer.destroy()
        })
        .pipe(peer)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the line has no port')
  const cut = () => {
    whole = false
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: Object.assign(new URL(target), { host: `127.0.0.1:${address.port}` }),
    cut,
    mend: () => {
      whole = true
    },
    [Symbol.asyncDispose]: async () => {
      cut()
      server.close()
    },
  }
}
