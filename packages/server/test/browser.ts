import { request as requestHttp } from 'node:http'
import { Agent, request as requestHttps } from 'node:https'
import { ApiError, type Client, createClient, type Problem } from '@latchwork/contract'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  text(): Promise<string>
}

export interface Init {
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** What a browser does that matters here: a cookie jar a host, no redirect followed by itself, one trusted certificate. */
export class Browser {
  readonly cookies = new Map<string, Map<string, string>>()
  /** A handshake for each request would take twice as long as the request. */
  readonly #agent: Agent
  readonly #addresses: ReadonlyMap<string, string>
  readonly #ports: ReadonlyMap<string, number>
  readonly client: Client

  /**
   * @param addresses origins to reach elsewhere: the public one at the real port
   * @param ports where a server listens since its restart, by the host and port that it had at first
   */
  constructor(
    baseUrl: string,
    ca: string,
    addresses: ReadonlyMap<string, string> = new Map(),
    ports: ReadonlyMap<string, number> = new Map(),
  ) {
    this.#agent = new Agent({ keepAlive: true, ca, servername: 'localhost' })
    this.#addresses = addresses
    this.#ports = ports
    this.client = createClient({ baseUrl, fetch: (url, init) => this.fetch(url, init) })
  }

  fetch(url: string, init: Init = {}): Promise<Answer> {
    const asked = new URL(url)
    const target = new URL(
      asked.href.replace(asked.origin, this.#addresses.get(asked.origin) ?? asked.origin),
    )
    const jar = this.cookies.get(target.host) ?? new Map<string, string>()
    this.cookies.set(target.host, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(cookie === '' ? {} : { cookie }), ...init.headers }
    const port = this.#ports.get(target.host) ?? target.port
    const options = { method: init.method ?? 'GET', headers, port, timeout: 120_000 }
    return new Promise((resolve, reject) => {
      const request =
        target.protocol === 'https:'
          ? requestHttps(target, { ...options, agent: this.#agent })
          : requestHttp(target, { ...options, agent: false })
      request.on('error', (error) => {
        // The server closed a connection that was idle for long, as it may; a browser opens another one.
        if (request.reusedSocket && isReset(error)) resolve(this.fetch(url, init))
        else reject(error)
      })
      request.on('timeout', () => request.destroy(new Error(`no answer from ${target.href}`)))
      request.on('response', (response) => {
        for (const line of response.headers['set-cookie'] ?? []) keep(jar, line)
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          body += chunk
        })
        response.on('error', reject)
        response.on('end', () => {
          const { statusCode = 0, headers: answered } = response
          resolve({ status: statusCode, headers: answered, body, text: async () => body })
        })
      })
      request.end(init.body)
    })
  }
}

function isReset(error: Error): boolean {
  return 'code' in error && error.code === 'ECONNRESET'
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';')
  const [name = '', ...value] = pair.split('=')
  if (attributes.some((attribute) => attribute.trim().toLowerCase() === 'max-age=0')) jar.delete(name)
  else jar.set(name, value.join('='))
}

export function location(answer: Answer): string {
  const { location: found } = answer.headers
  if (typeof found !== 'string')
    throw new Error(`a redirect was expected, not ${answer.status}: ${answer.body}`)
  return found
}

/** What a person does on Close's page; answers the callback's address. */
export async function consent(
  browser: Browser,
  authorizeUrl: string,
  choice: { decision: 'allow' | 'decline'; organizationId?: string; userId?: string },
): Promise<string> {
  const url = new URL(authorizeUrl)
  const form = new URLSearchParams(url.searchParams)
  form.set('decision', choice.decision)
  if (choice.organizationId !== undefined) form.set('organization_id', choice.organizationId)
  if (choice.userId !== undefined) form.set('user_id', choice.userId)
  const answer = await browser.fetch(url.origin + url.pathname, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  })
  return location(answer)
}

/** The problem that a call is refused with. */
export async function problem(call: Promise<unknown>): Promise<Problem> {
  try {
    await call
  } catch (error) {
    if (error instanceof ApiError) return error.problem
    throw error
  }
  throw new Error('the call was to be refused')
}
