import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'

export interface Call {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
interface Answer {
  readonly status: number
  readonly body: unknown
}

export interface StandIn {
  readonly url: string
  readonly calls: Call[]
  answer: (call: Call) => Answer
  /** What it does in place of answering as usual; the silent one still lends tokens. */
  fault: Answer | 'silence' | null
  /** Called for each request that gets no answer. */
  whenSilent: (() => void) | null
  close(): Promise<void>
}

/** A server on this machine that answers in place of a key service, and notes what it was asked. */
export async function startStandIn(answer: (call: Call) => Answer): Promise<StandIn> {
  const calls: Call[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const { url = '', headers } = request
    const call = { path: url, headers, body: Buffer.concat(chunks).toString('utf8') }
    calls.push(call)
    const { fault } = standIn
    if (fault === 'silence' && url !== '/token') return standIn.whenSilent?.()
    const { status, body } = fault === null || fault === 'silence' ? standIn.answer(call) : fault
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const standIn: StandIn = {
    url: `http://127.0.0.1:${port}`,
    calls,
    answer,
    fault: null,
    whenSilent: null,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return standIn
}

/** A key as a service holds it: seals with additional data, and opens only with the same. */
export class ServiceKey {
  readonly #key = randomBytes(32)

  encrypt(plaintext: string, additional: string): string {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce)
    cipher.setAAD(Buffer.from(additional, 'base64'))
    const body = Buffer.concat([cipher.update(Buffer.from(plaintext, 'base64')), cipher.final()])
    return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64')
  }

  /** Null for what it did not encrypt so. */
  decrypt(ciphertext: string, additional: string): string | null {
    const bytes = Buffer.from(ciphertext, 'base64')
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12))
      decipher.setAAD(Buffer.from(additional, 'base64'))
      decipher.setAuthTag(bytes.subarray(-16))
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('base64')
    } catch {
      return null
    }
  }
}
