import { createServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

/** What a hostile server does after a request. */
export type Manner = (socket: Socket, request: string) => void

export interface HostileHttp extends AsyncDisposable {
  readonly url: string
  /** Each request as it was received, with headers and body. */
  readonly received: readonly string[]
  /** Bytes sent over the busiest connection, including those in the machine's own buffers. */
  sentBytes(): number
  /** Resolves when all clients have closed their connections. */
  left(): Promise<void>
}

/**
 * An HTTP server that behaves as badly as a test wants.
 * @param serve returns the JSON of a good answer for some requests; null: the request gets the manner
 */
export async function startHostileHttp(
  manner: Manner,
  serve: (request: string) => object | null = () => null,
): Promise<HostileHttp> {
  const sockets = new Set<Socket>()
  const closed: Promise<void>[] = []
  const received: string[] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    closed.push(new Promise((resolve) => socket.once('close', () => resolve())))
    socket.on('error', () => undefined)
    let request = ''
    socket.on('data', (chunk: Buffer) => {
      request += chunk.toString('latin1')
      if (!isWhole(request)) return
      const whole = request
      request = ''
      received.push(whole)
      const good = serve(whole)
      if (good === null) manner(socket, whole)
      else socket.write(answer(200, JSON.stringify(good)))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    sentBytes: () => Math.max(0, ...[...sockets].map((each) => each.bytesWritten - each.writableLength)),
    left: async () => {
      await Promise.all(closed)
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function isWhole(request: string): boolean {
  const end = request.indexOf('\r\n\r\n')
  const length = /^content-length: (?<bytes>\d+)/im.exec(request)?.groups?.['bytes'] ?? '0'
  return end >= 0 && request.length >= end + 4 + Number(length)
}

function answer(status: number, body: string | Buffer, headers = 'content-type: application/json'): Buffer {
  const bytes = Buffer.from(body)
  const head = `HTTP/1.1 ${status} Said\r\n${headers}\r\ncontent-length: ${bytes.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), bytes])
}

/** Sends the same again and again, as fast as it is read. */
function endless(head: string, more: string): Manner {
  const piece = more.repeat(Math.ceil(65_536 / more.length))
  return (socket) => {
    const write = (): void => {
      while (!socket.destroyed && socket.write(piece));
    }
    socket.on('drain', write)
    socket.write(head)
    write()
  }
}

/** Sends a little at a time. The pauses are too short for a time-out between two bytes. */
function drops(head: string, drop: string | Buffer): Manner {
  return (socket) => {
    socket.write(head)
    const timer = setInterval(() => socket.write(drop), 20)
    socket.once('close', () => clearInterval(timer))
  }
}

const ok = 'HTTP/1.1 200 OK\r\n'
const json = 'content-type: application/json\r\n'
const long = 'content-length: 9000000000\r\n\r\n'
const mega = 1024 * 1024

interface Flood {
  readonly manner: Manner
  /** A client that reads more than this over one connection has no limit: the machine's own buffers are smaller. */
  readonly mostBytes: number
}

const member = gzipSync(Buffer.alloc(mega, ' '))

/** Answers without an end, or longer than any real answer. */
export const floods: Readonly<Record<string, Flood>> = {
  'a body without end': { manner: endless(`${ok}${json}${long}`, ' '), mostBytes: 32 * mega },
  'chunks without end': {
    manner: endless(`${ok}${json}transfer-encoding: chunked\r\n\r\n`, `1000\r\n${' '.repeat(4096)}\r\n`),
    mostBytes: 32 * mega,
  },
  'an error without end': { manner: endless(`HTTP/1.1 400 No\r\n${json}${long}`, ' '), mostBytes: 32 * mega },
  'headers without end': { manner: endless(ok, 'x-more: and more\r\n'), mostBytes: 32 * mega },
  'a header without end': { manner: endless(`${ok}x-more: `, 'x'), mostBytes: 32 * mega },
  'megabytes of nesting': { manner: endless(`${ok}${json}${long}`, '['), mostBytes: 32 * mega },
  // One kilobyte sent for each megabyte unpacked.
  'a bomb of gzip': {
    manner: drops(`${ok}${json}content-encoding: gzip\r\n${long}`, member),
    mostBytes: 256 * member.length,
  },
}

/** Answers that never finish. */
export const delays: Readonly<Record<string, Manner>> = {
  silence: () => undefined,
  'headers drop by drop': drops(ok, 'x'),
  'a body drop by drop': drops(`${ok}content-length: 9000\r\n\r\n`, ' '),
  'another protocol': (socket) =>
    socket.write('HTTP/1.1 101 Go\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
  'a promise to go on, again and again': drops('', 'HTTP/1.1 102 Processing\r\n\r\n'),
}

const said = (request: string): string =>
  JSON.stringify({ error: request, __type: request, message: request })

/** Answers that finish, but that nobody should believe, follow or show. */
export const lies: Readonly<Record<string, Manner>> = {
  'a page of HTML': (socket) =>
    socket.write(answer(200, '<html><h1>Welcome</h1>', 'content-type: text/html')),
  'no UTF-8': (socket) => socket.write(answer(200, Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0xc0, 0x22]))),
  'control characters': (socket) => {
    const error = '\u001b[2J\r\n\u0000 \u202e gone'
    socket.write(answer(400, JSON.stringify({ error, __type: error, message: error })))
  },
  'the request said back as a success': (socket, request) => socket.write(answer(200, said(request))),
  'the request said back as a refusal': (socket, request) => socket.write(answer(400, said(request))),
  'the request said back as a failure': (socket, request) => socket.write(answer(500, said(request))),
  'the request said back in a header': (socket, request) => {
    const line = request.replace(/[\r\n]+/g, ' ').slice(0, 4000)
    socket.write(
      `HTTP/1.1 400 ${line}\r\nx-said: ${line}\r\nretry-after: ${line}\r\ncontent-length: 0\r\n\r\n`,
    )
  },
  'the request said back without HTTP': (socket, request) => socket.end(request),
  'a way elsewhere': (socket) =>
    socket.write(answer(307, '', 'location: /elsewhere\r\ncontent-type: text/plain')),
  'nothing, and hangs up': (socket) => socket.destroy(),
}
