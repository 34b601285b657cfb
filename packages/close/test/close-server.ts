import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export type Received = {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

export type Answer = (response: ServerResponse, request: Received, socket: Socket) => void

/** A real HTTP server on a free port that answers the nth request with the nth answer, and the last one for ever. */
export async function startServer(...answers: Answer[]): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = []
  const server = createServer((message, response) => {
    let body = ''
    message.setEncoding('utf8')
    message.on('data', (chunk: string) => {
      body += chunk
    })
    message.on('end', () => {
      const request = { method: message.method ?? '', url: message.url ?? '', headers: message.headers, body }
      received.push(request)
      const answer = answers[Math.min(received.length, answers.length) - 1]
      answer?.(response, request, message.socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return { url: `http://127.0.0.1:${addressOf(server.address()).port}`, received }
}

/** An address of this machine where nothing listens. */
export async function refusingUrl(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = addressOf(server.address())
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return `http://127.0.0.1:${port}`
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  }
}

export function text(status: number, body: string, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, headers)
    response.end(body)
  }
}

/** Reads the request and hangs up. */
export const drop: Answer = (_response, _request, socket) => {
  socket.destroy()
}

/** Promises a body, sends a part of it, and hangs up. */
export const dropInBody =
  (status: number): Answer =>
  (response, _request, socket) => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"id":"lead_', () => socket.destroy())
  }

/** Never answers. */
export const hang: Answer = () => {}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address
}
