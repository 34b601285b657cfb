import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Client } from 'pg'

/*
 * A pooler that gives a client a server connection for one transaction only, as PgBouncer does in transaction mode: here
 * each transaction gets another one than the last, so that whatever a client left in its session is gone.
 */

export interface TransactionPooler {
  readonly port: number
  /** How often a client went on with another connection. */
  switches(): number
  stop(): Promise<void>
}

/** Messages of one side, each with its letter; a first one without a letter is the start of the client. */
class Messages {
  #rest = Buffer.alloc(0)
  #isStarted: boolean

  constructor(isStarted: boolean) {
    this.#isStarted = isStarted
  }

  take(chunk: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const found: Buffer[] = []
    for (;;) {
      const letter = this.#isStarted ? 1 : 0
      if (this.#rest.length < letter + 4) return found
      const length = this.#rest.readUInt32BE(letter) + letter
      if (this.#rest.length < length) return found
      found.push(this.#rest.subarray(0, length))
      this.#rest = this.#rest.subarray(length)
      this.#isStarted = true
    }
  }
}

const signedIn = Buffer.from('520000000800000000', 'hex')
const ready = Buffer.from('5a0000000549', 'hex')

/** @param size how many server connections each client goes round */
export async function startTransactionPooler(url: string, size = 3): Promise<TransactionPooler> {
  let switches = 0
  const sockets = new Set<Duplex>()
  const pooled = async (client: Socket): Promise<void> => {
    const backends = await Promise.all(Array.from({ length: size }, () => openBackend(url)))
    let current = 0
    let isIdle = true
    for (const [index, backend] of backends.entries()) {
      sockets.add(backend)
      const answers = new Messages(true)
      backend.on('data', (chunk: Buffer) => {
        for (const answer of answers.take(chunk)) {
          if (index !== current) throw new Error('a connection spoke that had no transaction')
          // ReadyForQuery, outside of a transaction.
          if (answer.toString('latin1', 0, 1) === 'Z' && answer.toString('latin1', 5) === 'I') isIdle = true
          client.write(answer)
        }
      })
    }
    const asked = new Messages(false)
    let isSignedIn = false
    const take = (message: Buffer): void => {
      if (!isSignedIn) {
        isSignedIn = true
        client.write(Buffer.concat([signedIn, ready]))
        return
      }
      if (message.toString('latin1', 0, 1) === 'X') {
        client.end()
        return
      }
      if (isIdle) {
        isIdle = false
        current = (current + 1) % size
        switches += 1
      }
      backends[current]?.write(message)
    }
    client.on('data', (chunk: Buffer) => {
      for (const message of asked.take(chunk)) take(message)
    })
    client.on('close', () => {
      for (const backend of backends) backend.destroy()
    })
    client.resume()
  }
  const server = createServer({ noDelay: true }, (client) => {
    sockets.add(client)
    client.pause()
    client.on('error', () => client.destroy())
    pooled(client).catch((error: unknown) => client.destroy(error instanceof Error ? error : undefined))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the pooler has no port')
  return {
    port: address.port,
    switches: () => switches,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The socket of a connection that is signed in. */
async function openBackend(url: string): Promise<Duplex> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  const { stream } = client.connection
  stream.removeAllListeners('data')
  stream.on('error', () => stream.destroy())
  return stream
}
