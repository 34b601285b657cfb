import { createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { CredentialAccess } from '../../src/index.ts'

/** What a server does once the client has sent its start, and the statements after it. */
export interface Manners {
  started(socket: Socket): void
  /** A statement came, or whatever else after the start; left out: nothing is answered. */
  asked?(socket: Socket, letter: string): void
}

export interface HostileServer {
  readonly port: number
  /** Bytes that left for the client, those in the machine's own buffers among them. */
  sentBytes(): number
  /** Resolves when the client has hung up on every connection. */
  left(): Promise<void>
}

/** A TCP server that speaks PostgreSQL as badly as a test tells it to. */
export async function hostileServer(manners: Manners): Promise<HostileServer> {
  const sockets = new Set<Socket>()
  const closed: Promise<void>[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    closed.push(new Promise((resolve) => socket.once('end', resolve).once('close', () => resolve())))
    socket.on('error', () => undefined)
    socket.once('data', () => {
      manners.started(socket)
      socket.on('data', (chunk: Buffer) => manners.asked?.(socket, chunk.toString('latin1', 0, 1)))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    port: address.port,
    sentBytes: () =>
      [...sockets].reduce((sum, socket) => sum + socket.bytesWritten - socket.writableLength, 0),
    left: async () => {
      await Promise.all(closed)
    },
  }
}

/** A message: its letter, its length, its parts (text ends in a zero). */
export function message(letter: string, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)),
  )
  return Buffer.concat([Buffer.from(letter), int32(body.length + 4), body])
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

export const ready = Buffer.concat([Buffer.from('Z'), int32(5), Buffer.from('I')])
/** Lets the client in. */
export const welcome = Buffer.concat([message('R', int32(0)), ready])

/** An error, or a notice, by the letters of its fields. */
export function failure(letter: 'E' | 'N', fields: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries({ S: 'FATAL', C: 'XX000', ...fields }).flatMap(([name, text]) => [
    Buffer.from(name),
    text,
  ])
  return message(letter, ...parts, Buffer.from([0]))
}

/** The answer to a statement: one row of text. */
export function oneRow(row: Readonly<Record<string, string>>): Buffer {
  const names = Object.keys(row).flatMap((name) => [
    name,
    int32(0),
    int16(0),
    int32(25),
    int16(0xffff),
    int32(0xffffffff),
    int16(0),
  ])
  return Buffer.concat([
    message('T', int16(Object.keys(row).length), ...names),
    dataRow(Object.values(row)),
    message('C', 'SELECT 1'),
    ready,
  ])
}

export function dataRow(cells: readonly string[]): Buffer {
  const parts = cells.flatMap((cell) => {
    const bytes = Buffer.from(cell)
    return [int32(bytes.length), bytes]
  })
  return message('D', int16(cells.length), ...parts)
}

/** Sends the same bytes for as long as the client takes them. */
export function pour(socket: Socket, bytes: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(bytes)) {
      // until the machine's buffers are full
    }
  }
  socket.on('drain', more)
  more()
}

/** Sends bytes one by one. */
export function drip(socket: Socket, bytes: Buffer): void {
  let at = 0
  const timer = setInterval(() => socket.write(bytes.subarray(at, ++at)), 20)
  socket.once('close', () => clearInterval(timer))
}

export function hostileCredential(
  port: number,
  password = 'canary-4417-pw',
  values: Readonly<Record<string, string>> = {},
): CredentialAccess {
  return {
    id: 'cred_0000000000000000000001',
    method: 'password',
    organizationId: null,
    values: {
      host: '127.0.0.1',
      port: String(port),
      database: 'crm',
      user: 'latchwork',
      tls: 'disable',
      ...values,
    },
    secret: async () => password,
    accessToken: () => Promise.reject(new Error('a database has no access token')),
    rejected: async () => false,
  }
}
