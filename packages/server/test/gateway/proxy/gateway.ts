import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  request as sendRequest,
} from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { LatchworkError } from '@latchwork/contract'
import { onTestFinished } from 'vitest'
import { type Forwarded, type ForwardParts, forward } from '../../../src/gateway/proxy/forward.ts'
import { readTarget } from '../../../src/gateway/proxy/target.ts'
import { type ForwardLimits, openUpstream, type Upstream } from '../../../src/gateway/proxy/upstream.ts'

export interface TestGateway {
  readonly port: number
  readonly upstream: Upstream
  /** How each call ended, in order. */
  readonly ended: Promise<Forwarded>[]
}

type Changes = Partial<
  Pick<ForwardParts, 'authorize' | 'rejected' | 'filter' | 'seeing' | 'extraHeaders' | 'body'>
>

/** A server that passes everything on, and says errors as the gateway does. */
export async function startGateway(
  origin: string,
  changes: Changes = {},
  limits: Partial<ForwardLimits> = {},
): Promise<TestGateway> {
  const upstream = openUpstream(new URL(origin), {}, limits)
  const ended: Promise<Forwarded>[] = []
  const server = createServer((request, response) => {
    const call = (async () => {
      const target = readTarget(request.method ?? '', request.url ?? '', request.rawHeaders)
      return forward({
        ...{
          request,
          response,
          upstream,
          target,
          body: 'stream',
          filter: null,
          seeing: null,
          extraHeaders: {},
        },
        ...{ prefix: '/close', authorize: async () => 'Basic real', rejected: async () => false },
        ...changes,
      })
    })()
    ended.push(call)
    call.then(
      ({ error }) => {
        if (error !== null) response.writeHead(error.status).end(JSON.stringify({ code: error.code }))
      },
      (error: unknown) => {
        const { status, code } =
          error instanceof LatchworkError ? error : { status: 500, code: String(error) }
        response.writeHead(status).end(JSON.stringify({ code }))
      },
    )
  })
  onTestFinished(() => upstream.close())
  return { port: await listening(server), upstream, ended }
}

/** What takes the place of Close. */
export async function startClose(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  return `http://127.0.0.1:${await listening(createServer(handle))}`
}

/** As `startClose`, by bytes. @returns its origin, and the connections so far */
export async function startBytes(handle: (socket: Socket) => void) {
  const sockets: Socket[] = []
  const server = createTcpServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    handle(socket)
    socket.resume()
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  return { origin: `http://127.0.0.1:${await listening(server)}`, sockets }
}

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

export interface Told {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** Rejects if the answer breaks off. */
export async function ask(
  { port }: TestGateway,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Told> {
  const { method = 'GET', headers = {}, body } = options
  const sent = sendRequest({ port, host: '127.0.0.1', path, method, headers, agent: false })
  // Of a connection that ends before the answer: awaited below. Later the answer itself tells.
  sent.on('error', () => undefined)
  sent.end(body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const told = await buffer(answer)
  if (!answer.complete) throw new Error('broken off')
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: told }
}

export function codeOf({ body }: Told): unknown {
  return Reflect.get(JSON.parse(body.toString()) as object, 'code')
}

/** A client by bytes. */
export function connectTo({ port }: TestGateway): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  onTestFinished(() => {
    socket.destroy()
  })
  return socket
}
