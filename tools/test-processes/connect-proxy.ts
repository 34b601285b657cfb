import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, request } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'

/** A proxy of a company network: hosts behind it have names that nobody else can resolve. */
export interface ConnectProxy extends AsyncDisposable {
  readonly url: string
  /** `CONNECT host:port`, in order. */
  readonly asked: string[]
  /** A certificate of the hosts behind it, for `NODE_EXTRA_CA_CERTS`. */
  readonly certificateFile: string
}

/** @param origins the name of each https host behind the proxy, and where its requests really go (http) */
export async function startConnectProxy(origins: Readonly<Record<string, string>>): Promise<ConnectProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'latchwork-proxy-'))
  const altNames = Object.keys(origins).map((value) => ({ type: 2 as const, value }))
  const pair = await generate([{ name: 'commonName', value: 'behind the proxy' }], {
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames },
    ],
  })
  const certificateFile = join(folder, 'cert.pem')
  writeFileSync(certificateFile, pair.cert)
  const hosts = createTlsServer({ key: pair.private, cert: pair.cert }, (incoming, answer) => {
    const target = new URL(incoming.url ?? '/', origins[incoming.headers.host ?? ''] ?? 'http://127.0.0.1:9')
    const outgoing = request(
      target,
      { method: incoming.method ?? 'GET', headers: incoming.headers },
      (found) => {
        answer.writeHead(found.statusCode ?? 502, found.headers)
        found.pipe(answer)
      },
    )
    outgoing.on('error', () => answer.writeHead(502).end())
    incoming.pipe(outgoing)
  })
  const hostsPort = await listening(hosts)
  const asked: string[] = []
  const proxy = createHttpServer((_, answer) => answer.writeHead(400).end())
  proxy.on('connect', (incoming, socket) => {
    asked.push(`${incoming.method} ${incoming.url}`)
    const behind = connect(hostsPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      behind.pipe(socket).pipe(behind)
    })
    behind.on('error', () => socket.destroy())
    behind.on('close', () => socket.destroy()) // nobody would notice that it ends
    socket.on('error', () => behind.destroy())
  })
  const port = await listening(proxy)
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    certificateFile,
    [Symbol.asyncDispose]: async () => {
      for (const server of [proxy, hosts]) {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      }
      rmSync(folder, { recursive: true })
    },
  }
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
