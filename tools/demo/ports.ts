import { connect, createServer } from 'node:net'

/** Whether nobody listens on a port of this machine. */
export async function isFree(port: number): Promise<boolean> {
  return (await listenOn(port)) !== null
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const port = await listenOn(0)
  if (port === null) throw new Error('This machine has no free port.')
  return port
}

/** Whether somebody answers on a port of this machine. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, 'localhost')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

/** Listens for a moment; the port, or null if it is taken. */
function listenOn(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(null))
    probe.listen(port, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null))
    })
  })
}
