import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Json } from '../json.ts'

/** A request with its body read. */
export interface HttpRequest {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** An answer in JSON; undefined gives an empty body. */
export function jsonAnswer(
  status: number,
  body: Json | undefined,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  if (body === undefined) return { status, headers, body: '' }
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
}

/** @param scriptSource the one script that may run, as a Content-Security-Policy names it; default: none */
export function htmlAnswer(
  status: number,
  body: string,
  { scriptSource = "'none'" }: { readonly scriptSource?: string } = {},
): HttpAnswer {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; script-src ${scriptSource}; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'`,
      'referrer-policy': 'no-referrer',
    },
    body,
  }
}

/** An answer that sends the browser to another address. */
export function redirectAnswer(status: 302 | 308, location: string): HttpAnswer {
  return { status, headers: { location, 'cache-control': 'no-store' }, body: '' }
}

/** A body that is larger than the sandbox accepts. */
export class BodyTooLarge extends Error {}

/**
 * Reads a body of at most `limitBytes` as UTF-8.
 * @throws BodyTooLarge
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > limitBytes) throw new BodyTooLarge()
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

export function sendAnswer(response: ServerResponse, answer: HttpAnswer): void {
  const bytes = Buffer.from(answer.body)
  response.writeHead(answer.status, { ...answer.headers, 'content-length': bytes.length })
  response.end(bytes)
}

/** The media type of a request, without parameters, in lower case. */
export function mediaType(request: HttpRequest): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** A user name and a password from `Authorization: Basic ...`. */
export function basicCredentials(request: HttpRequest): { username: string; password: string } | null {
  const match = /^basic ([a-z0-9+/=]+)$/i.exec(request.headers.authorization ?? '')
  if (!match?.[1]) return null
  const text = Buffer.from(match[1], 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** Escapes text for HTML, also for an attribute. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
