import { LatchworkError } from '@latchwork/contract'
import type { FastifyRequest } from 'fastify'
import { bearerToken, safeMethods } from './caller.ts'

/**
 * Refuses a change that another site may have sent with the browser's cookie. Such a request must carry
 * `x-latchwork: 1`, which a form cannot send and a script of another origin may not, and where the browser says from
 * which site it comes, that must be this one. An API token is sent by a program on purpose, so it needs neither.
 * @throws {LatchworkError} `csrf_refused`; `other_address` where it is this one, reached by another name
 */
export function checkSameSite(request: FastifyRequest, publicOrigin: string): void {
  if (safeMethods.has(request.method) || bearerToken(request) !== null) return
  const site = request.headers['sec-fetch-site']
  const sameSite = site === undefined || site === 'same-origin' || site === 'none'
  if (request.headers['x-latchwork'] !== '1' || !sameSite) throw new LatchworkError('csrf_refused')
  const { origin, host } = request.headers
  if (origin === undefined || origin === publicOrigin) return
  // The page itself, opened by another address: there Close's callback and passkeys would fail later.
  if (origin === `https://${host}`) {
    throw new LatchworkError('other_address', {
      message: `Latchwork was opened by another address than its own. Open ${publicOrigin} instead.`,
    })
  }
  throw new LatchworkError('csrf_refused')
}
