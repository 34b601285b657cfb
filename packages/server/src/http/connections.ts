import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** How long an answer under way may take once the server stops. */
const answerGraceMs = 5_000

/**
 * Lets a server stop while connections are open. Node waits for each connection and closes only those that have had an
 * answer. A browser's spare connection, or half a request, would hold the stop up for ever.
 * @returns a function to call when the server begins to stop: it closes every connection without an answer under way at
 * once, and the others after a while
 */
export function watchConnections(server: Server): () => void {
  const open = new Set<Socket>()
  /** With TLS, a request has another socket than the one that was opened, but the same remote port. */
  const answering = new Set<string>()
  let isEnding = false
  server.on('connection', (socket: Socket) => {
    if (isEnding) {
      socket.destroy()
      return
    }
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const peer = peerOf(socket)
    answering.add(peer)
    response.once('close', () => answering.delete(peer))
  })
  return () => {
    isEnding = true
    for (const socket of open) if (!answering.has(peerOf(socket))) socket.destroy()
    setTimeout(() => {
      for (const socket of open) socket.destroy()
    }, answerGraceMs).unref()
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
