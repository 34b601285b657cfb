import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { freePort } from '../test-processes/ports.ts'
import { createBrowserless } from './browserless.ts'
import type { Demo } from './parts.ts'

export interface SignInLink {
  readonly url: string
  close(): void
}

/**
 * An address of this machine that signs in the first browser that opens it as the demonstration's administrator.
 *
 * The server has no such link and needs none: the demonstration signs in by the API, with the password that it made,
 * and hands the session's cookie to the browser. A cookie belongs to a host, whatever the port, and the same certificate
 * stands for the host.
 */
export async function offerSignInLink(demo: Demo): Promise<SignInLink> {
  const path = `/${randomBytes(32).toString('base64url')}`
  const read = (file: string): string => readFileSync(join(demo.dataDir, 'tls', file), 'utf8')
  let isUsed = false
  const server = createServer({ key: read('key.pem'), cert: read('cert.pem') }, (request, response) => {
    if (request.method !== 'GET' || request.url !== path) return say(response, 404, 'There is nothing here.')
    if (isUsed) return say(response, 410, `This link was used. Sign in at ${demo.url} with the password.`)
    isUsed = true
    signIn(demo, request.headers['user-agent'] ?? '')
      .then((cookies) =>
        response.writeHead(303, { ...headers, location: `${demo.url}/`, 'set-cookie': cookies }).end(),
      )
      .catch(() => say(response, 502, `The server did not answer. Sign in at ${demo.url} with the password.`))
  })
  const port = await freePort()
  server.listen(port, 'localhost')
  await once(server, 'listening')
  return {
    url: `https://localhost:${port}${path}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const headers = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}

/** @returns the cookies of a new session of the browser of this name */
async function signIn({ url, email, password, certificateFile }: Demo, userAgent: string): Promise<string[]> {
  const browse = createBrowserless(certificateFile)
  const { status, cookies } = await browse(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-latchwork': '1', 'user-agent': userAgent },
    body: JSON.stringify({ email, password }),
  })
  if (status !== 200) throw new Error(`The sign-in was answered with status ${status}.`)
  return cookies
}
