import { newRandomToken } from '@latchwork/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'

const form = /^[0-9A-Za-z_-]{43}$/

/** The token that recognizes a browser in the next step; null if it sent none. */
export function browserToken(request: FastifyRequest, cookie: string): string | null {
  const sent = request.cookies[cookie]
  return sent !== undefined && form.test(sent) ? sent : null
}

/**
 * Gives the browser a token in a cookie, or reuses the one that it has, so that a second window doesn't break what the
 * first one began.
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
    // Lax, since the browser must send it when it returns from Close.
    sameSite: 'lax',
    path: '/',
    maxAge: ttlMs / 1000,
  })
  return token
}
