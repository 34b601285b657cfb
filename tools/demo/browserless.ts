import { readFileSync } from 'node:fs'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

export interface Answer {
  readonly status: number
  readonly location: string | null
  /** Its Set-Cookie lines, whole. */
  readonly cookies: string[]
  text(): Promise<string>
}

export type Browse = (url: string, init?: Init) => Promise<Answer>

interface Init {
  method: string
  headers: Record<string, string>
  body?: string
}

/**
 * The parts of a browser that OAuth needs: a cookie jar for each host, and trust in the server's own certificate
 * besides the usual ones. It follows no redirect by itself.
 */
export function createBrowserless(certificateFile: string): Browse {
  const jars = new Map<string, Map<string, string>>()
  const ca = readFileSync(certificateFile)

  const browse = (url: string, init: Init, tries = 3): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const target = new URL(url)
      const jar = jars.get(target.host) ?? new Map<string, string>()
      jars.set(target.host, jar)
      const headers: Record<string, string> = { ...init.headers }
      if (jar.size > 0) headers['cookie'] = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const isRead = init.method === 'GET'
      // What changes something goes through a connection of its own, which no server has closed meanwhile.
      const options = { method: init.method, headers, timeout: 60_000, ...(isRead ? {} : { agent: false }) }
      const outgoing =
        target.protocol === 'https:' ? requestHttps(target, { ...options, ca }) : requestHttp(target, options)
      outgoing.on('timeout', () =>
        outgoing.destroy(new Error(`No answer from ${target.host} within a minute.`)),
      )
      outgoing.on('error', (error) => {
        // The server has closed a connection that stood idle, or one that a busy machine was too slow to open.
        const isClosed = 'code' in error && error.code === 'ECONNRESET'
        if (isRead && isClosed && tries > 1) resolve(browse(url, init, tries - 1))
        else reject(error)
      })
      outgoing.on('response', (response) => {
        const cookies = response.headers['set-cookie'] ?? []
        for (const line of cookies) {
          const [name = '', ...value] = (line.split(';')[0] ?? '').split('=')
          jar.set(name, value.join('='))
        }
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            location: response.headers.location ?? null,
            cookies,
            text: async () => Buffer.concat(chunks).toString('utf8'),
          }),
        )
      })
      outgoing.end(init.body)
    })
  return (url, init = { method: 'GET', headers: {} }) => browse(url, init)
}
