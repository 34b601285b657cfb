import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text as readAll } from 'node:stream/consumers'
import { type Client, createClient } from '@latchwork/contract'

interface Init {
  method?: string
  headers?: Record<string, string>
  body?: string
}
interface Answer {
  readonly status: number
  readonly location: string
  text(): Promise<string>
}

/** Somebody at a browser: a cookie jar a host, and the clicks that matter here. */
export class Person {
  readonly client: Client
  readonly #cookies = new Map<string, Map<string, string>>()
  readonly #certificate: string

  constructor(url: string, certificate: string) {
    this.#certificate = certificate
    this.client = createClient({ baseUrl: url, fetch: (target, init) => this.browse(target, init) })
  }

  /**
   * What the page behind the printed link does, what is clicked on Close's page, and the way back.
   * @param choice with where Close's page really is, if that is not where the link leads
   * @param meanwhile what happens before the way back
   * @returns where Close sent the browser, and where it ended
   */
  async grantAccess(
    credentialId: string,
    choice: { decision: 'allow' | 'decline'; organizationId: string; appUrl?: string },
    meanwhile: () => Promise<unknown> = async () => undefined,
  ): Promise<{ callback: string; end: string }> {
    const { authorizeUrl } = await this.client.credentials.authorize({
      params: { id: credentialId },
      body: { display: 'page', returnTo: `/authorize/${credentialId}` },
    })
    const url = new URL(authorizeUrl)
    const form = new URLSearchParams(url.searchParams)
    form.set('decision', choice.decision)
    form.set('organization_id', choice.organizationId)
    const consented = await this.browse((choice.appUrl ?? url.origin) + url.pathname, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    })
    await meanwhile()
    const { location: end } = await this.browse(consented.location)
    return { callback: consented.location, end }
  }

  /** One request with the cookies of its host; it follows no redirect. */
  async browse(url: string, { method = 'GET', headers = {}, body }: Init = {}): Promise<Answer> {
    const target = new URL(url)
    const jar = this.#cookies.get(target.host) ?? new Map<string, string>()
    this.#cookies.set(target.host, jar)
    const cookie = [...jar].map((pair) => pair.join('=')).join('; ')
    const options = { method, headers: { ...headers, cookie }, agent: false as const, timeout: 30_000 }
    return new Promise((resolve, reject) => {
      const sent =
        target.protocol === 'https:'
          ? requestHttps(target, { ...options, ca: this.#certificate })
          : requestHttp(target, options)
      sent.on('error', reject)
      sent.on('timeout', () => sent.destroy(new Error(`no answer from ${target.host}`)))
      sent.on('response', (response) => {
        for (const line of response.headers['set-cookie'] ?? []) {
          const [name = '', ...value] = (line.split(';')[0] ?? '').split('=')
          jar.set(name, value.join('='))
        }
        const { statusCode = 0, headers: answered } = response
        resolve({ status: statusCode, location: answered.location ?? '', text: () => readAll(response) })
      })
      sent.end(body)
    })
  }
}
