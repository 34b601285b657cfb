import { LatchworkError } from '@latchwork/contract'
import type { FastifyRequest } from 'fastify'
import { bearerToken, safeMethods } from './caller.ts'

/**
 * Refuses a change that another site may have sent with the browser's cookie. A change with a cookie must carry
 * `x-latchwork: 1`, which a form can't send and a script of another origin may not send. If the browser names the
 * requesting site, it must be this one. A request with an API token needs neither, since a program sends it on purpose.
 * @throws {LatchworkError} `csrf_refused`; `other_address` for this page under another name
 */
export function checkSameSite(request: FastifyRequest, publicOrigin: string): void {
  if (safeMethods.has(request.method) || bearerToken(request) !== null) return
  const site = request.headers['sec-fetch-site']
  const sameSite = site === undefined || site === 'same-origin' || site === 'none'
  if (request.headers['x-latchwork'] !== '1' || !sameSite) throw new LatchworkError('csrf_refused')
  const { origin, host } = request.headers
  if (origin === undefined || origin === publicOrigin) return
  // The page itself under another address, where Close's callback and passkeys would fail later.
  if (origin === `https://${host}`) {
    throw new LatchworkError('other_address', {
      message: `Latchwork was opened by another address than its own. Open ${publicOrigin} instead.`,
    })
  }
  throw new LatchworkError('csrf_refused')
}
