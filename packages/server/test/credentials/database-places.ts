import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A place that a database credential can name. */
export interface DatabasePlace {
  readonly host: string
  readonly port: string
  /** How many connections came here. */
  connections(): number
  /** The passwords that came here in the clear. */
  passwords(): readonly string[]
  close(): Promise<void>
}

async function listen(
  host: string,
  port: number,
  serve: (socket: Socket) => void,
  passwords: readonly string[],
): Promise<DatabasePlace> {
  let connections = 0
  const open = new Set<Socket>()
  const server: Server = createServer((socket) => {
    connections += 1
    open.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => open.delete(socket))
    serve(socket)
  })
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address() as AddressInfo // of a TCP server that listens
  return {
    host,
    port: String(address.port),
    connections: () => connections,
    passwords: () => passwords,
    close: async () => {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The real server of `url` at an address of its own, which counts who comes. */
export function startRelay(url: URL): Promise<DatabasePlace> {
  const serve = (socket: Socket): void => {
    const target = connect(Number(url.port === '' ? '5432' : url.port), url.hostname)
    target.on('error', () => socket.destroy())
    socket.on('close', () => target.destroy())
    target.on('close', () => socket.destroy())
    socket.pipe(target).pipe(socket)
  }
  return listen('127.0.0.1', 0, serve, [])
}

const sslRequest = 80_877_103

/** A server that asks everybody for the password in the clear, refuses it, and remembers it. */
export function startHostile(host: string, port: number): Promise<DatabasePlace> {
  const passwords: string[] = []
  const serve = (socket: Socket): void => {
    let seen = Buffer.alloc(0)
    let started = false
    socket.on('data', (bytes: Buffer) => {
      seen = Buffer.concat([seen, bytes])
      for (;;) {
        const at = started ? 1 : 0
        if (seen.length < at + 4) return
        const length = at + seen.readInt32BE(at)
        if (seen.length < length) return
        const message = seen.subarray(0, length)
        seen = seen.subarray(length)
        if (!started && message.length === 8 && message.readInt32BE(4) === sslRequest) socket.write('N')
        else if (!started) {
          started = true
          socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])) // AuthenticationCleartextPassword
        } else if (message[0] === 0x70) {
          passwords.push(message.subarray(5, -1).toString())
          socket.end()
        }
      }
    })
  }
  return listen(host, port, serve, passwords)
}
