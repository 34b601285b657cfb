import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** How long an answer under way may take once the server is told to end. */
const answerGraceMs = 5_000

/**
 * Lets a server end although connections are open. Node waits for each of them, and ends by itself only those that have
 * had an answer: a browser's spare connection, which has not asked yet, or half a request would hold the end for ever.
 * @returns to be called when the server begins to end: closes every connection on which no answer is under way at once,
 * and the others after a while
 */
export function watchConnections(server: Server): () => void {
  const open = new Set<Socket>()
  /** Of TLS, requests come on another socket than the one that was opened: the other end's port is the same. */
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
