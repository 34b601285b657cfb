import { request } from 'node:https'
import type { Client, PassCreate } from '@latchwork/contract'
import type { Running } from '../running.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export interface CallOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** Calls the gateway as a client of Close would, with the path exactly as it is given. */
export function callGateway(
  server: Pick<Running, 'url'>,
  token: string | null,
  path: string,
  { method = 'GET', headers = {}, body }: CallOptions = {},
): Promise<Answer> {
  const { hostname, port } = new URL(server.url)
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` }
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ hostname, port, method, path: `/close${path}` },
        // The tests of certificates are elsewhere.
        rejectUnauthorized: false,
        headers: {
          ...authorization,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
      },
      (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('error', reject)
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString()
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

const counter = { made: 0 }

/** Makes a pass, and gives its token. */
export async function newToken(
  client: Client,
  credentialId: string,
  input: Partial<PassCreate> = {},
): Promise<{ id: string; token: string }> {
  counter.made += 1
  const { pass, token } = await client.passes.create({
    body: { name: `Pass ${counter.made}`, credentialId, rules: { objects: { lead: ['read'] } }, ...input },
  })
  return { id: pass.id, token }
}
