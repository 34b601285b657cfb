import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 32 random bytes as text, after a prefix by which people and scanners know what it is. */
export function newRandomToken(prefix = ''): string {
  return prefix + randomBytes(32).toString('base64url')
}

/** SHA-256, hex: all that is kept of a token. Enough for a random one; a password needs argon2. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** Takes the same time wherever the two differ. */
export function sameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
