import { LatchworkError } from '@latchwork/contract'
import type { FastifyRequest } from 'fastify'
import { bearerToken, safeMethods } from './caller.ts'

/**
 * Refuses a change that another site may have sent with the browser's cookie. Such a request must carry
 * `x-latchwork: 1`, which a form cannot send and a script of another origin may not, and where the browser says from
 * which site it comes, that must be this one. An API token is sent by a program on purpose, so it needs neither.
 * @throws {LatchworkError} `csrf_refused`
 */
export function checkSameSite(request: FastifyRequest, publicOrigin: string): void {
  if (safeMethods.has(request.method) || bearerToken(request) !== null) return
  const site = request.headers['sec-fetch-site']
  const sameSite = site === undefined || site === 'same-origin' || site === 'none'
  if (
    request.headers['x-latchwork'] !== '1' ||
    !sameSite ||
    !isOwnOrigin(request.headers.origin, request.headers.host, publicOrigin)
  ) {
    throw new LatchworkError('csrf_refused')
  }
}

/** Behind a proxy the browser's origin is the public one; reached directly it is the host that was asked for. */
function isOwnOrigin(origin: string | undefined, host: string | undefined, publicOrigin: string): boolean {
  if (origin === undefined || origin === publicOrigin) return true
  return host !== undefined && origin === `https://${host}`
}
