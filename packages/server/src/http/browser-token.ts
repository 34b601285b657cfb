import { newRandomToken } from '@latchwork/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'

const form = /^[0-9A-Za-z_-]{43}$/

/** The token by which a browser is known again in the next step of what it began; null if it sent none. */
export function browserToken(request: FastifyRequest, cookie: string): string | null {
  const sent = request.cookies[cookie]
  return sent !== undefined && form.test(sent) ? sent : null
}

/**
 * Gives the browser a token in a cookie, or goes on with the one that it has: so a second window doesn't break what was
 * begun in the first.
 */
export function bindBrowser(
  request: FastifyRequest,
  reply: FastifyReply,
  cookie: `__Host-${string}`,
  ttlMs: number,
): string {
  const token = browserToken(request, cookie) ?? newRandomToken()
  reply.setCookie(cookie, token, {
    httpOnly: true,
    secure: true,
    // Lax, for the browser must send it when it comes back from Close.
    sameSite: 'lax',
    path: '/',
    maxAge: ttlMs / 1000,
  })
  return token
}
