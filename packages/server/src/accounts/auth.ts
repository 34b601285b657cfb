import { LatchworkError, newId, type User } from '@latchwork/contract'
import { Secret, type Vault } from '@latchwork/vault'
import { hash, verify } from '@node-rs/argon2'
import { betterAuth } from 'better-auth'
import { z } from 'zod'
import { sessionCookieName } from '../http/server.ts'
import type { OpenStores } from '../stores/open.ts'
import { hashToken, newRandomToken } from './random-token.ts'
import { sealedSessionStorage } from './session-storage.ts'

/** A session ends when it was not used for a day, and after two weeks in any case. */
const idleSeconds = 24 * 3600
const longestMs = 14 * 24 * 3600_000
/** A used session's end is moved on at most this often: each time is a write. */
const extendEverySeconds = 300

/**
 * Memory-hard, so that a stolen table of hashes is of little use.
 * @see OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, 2 passes
 */
const argon2Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

const userSchema = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(['admin', 'member']),
})

/** What our endpoints need of better-auth, in our terms. Cookies are whole `Set-Cookie` values. */
export interface PasswordSignIn {
  /** @throws LatchworkError `sign_in_failed`, the same and as slow for an unknown address */
  signIn(email: string, password: string): Promise<{ user: User; cookies: string[] }>
  /** Whose session the request's cookies open; null for none. The hash is what the session is stored under. */
  session(cookieHeader: string): Promise<{ user: User | null; sessionHash: string; cookies: string[] }>
  signOut(cookieHeader: string): Promise<string[]>
  /** All sessions of a user. */
  endSessions(userId: string): Promise<void>
  createUser(user: { name: string; email: string; role: User['role']; password: string }): Promise<User>
}

/** Sign-in by email address and password: better-auth, used through its server API behind our own endpoints. */
export async function createPasswordSignIn(
  stores: Pick<OpenStores, 'facts' | 'sessions' | 'kysely' | 'kind'>,
  vault: Vault,
  publicUrl: string,
): Promise<PasswordSignIn> {
  const auth = betterAuth({
    baseURL: publicUrl,
    secret: await signingSecret(stores, vault),
    database: { db: stores.kysely, type: stores.kind },
    secondaryStorage: sealedSessionStorage(stores.sessions, vault),
    telemetry: { enabled: false },
    logger: { disabled: true },
    rateLimit: { enabled: false }, // the HTTP server has its own
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      maxPasswordLength: 200,
      password: {
        hash: (password) => hash(password, argon2Options),
        verify: ({ hash: stored, password }) => verify(stored, password),
      },
    },
    user: { additionalFields: { role: { type: 'string', required: true, input: false } } },
    session: { expiresIn: idleSeconds, updateAge: extendEverySeconds },
    advanced: {
      // The `__Host-` prefix is in the names themselves; better-auth's own would be `__Secure-`.
      useSecureCookies: false,
      cookiePrefix: sessionCookieName,
      cookies: { session_token: { name: sessionCookieName } },
      defaultCookieAttributes: { secure: true, httpOnly: true, sameSite: 'lax', path: '/' },
      database: { generateId: ({ model }) => (model === 'user' ? newId('user') : newRandomToken()) },
    },
  })

  const signIn: PasswordSignIn = {
    async signIn(email, password) {
      try {
        const { headers } = await auth.api.signInEmail({
          body: { email, password },
          headers: new Headers(),
          returnHeaders: true,
        })
        const cookies = headers.getSetCookie()
        const { user } = await signIn.session(cookies.map((cookie) => cookie.split(';', 1)[0]).join('; '))
        if (user !== null) return { user, cookies }
      } catch (error) {
        if (statusOf(error) >= 500) throw error
      }
      throw new LatchworkError('sign_in_failed')
    },

    async session(cookieHeader) {
      if (!cookieHeader.includes(sessionCookieName)) return { user: null, sessionHash: '', cookies: [] }
      const { headers, response } = await auth.api.getSession({
        headers: new Headers({ cookie: cookieHeader }),
        returnHeaders: true,
      })
      const cookies = headers.getSetCookie()
      if (response === null) return { user: null, sessionHash: '', cookies }
      if (Date.now() - response.session.createdAt.getTime() > longestMs) {
        return { user: null, sessionHash: '', cookies: await signIn.signOut(cookieHeader) }
      }
      const sessionHash = hashToken(response.session.token)
      return { user: userSchema.parse(response.user), sessionHash, cookies }
    },

    async signOut(cookieHeader) {
      const { headers } = await auth.api.signOut({
        headers: new Headers({ cookie: cookieHeader }),
        returnHeaders: true,
      })
      return headers.getSetCookie()
    },

    async endSessions(userId) {
      const { internalAdapter } = await auth.$context
      await internalAdapter.deleteUserSessions(userId)
    },

    async createUser({ password, email, ...rest }) {
      const { internalAdapter } = await auth.$context
      const user = await internalAdapter.createUser(
        { ...rest, email: email.toLowerCase(), emailVerified: false },
        { method: 'email-password' },
      )
      await internalAdapter.linkAccount({
        userId: user.id,
        accountId: user.id,
        providerId: 'credential',
        password: await hash(password, argon2Options),
      })
      return userSchema.parse(user)
    },
  }
  return signIn
}

/**
 * Signs the cookies and the end of the audit log. Made once and kept sealed, so that sessions outlive a restart and a dump
 * can forge neither.
 */
export async function signingSecret(stores: Pick<OpenStores, 'facts'>, vault: Vault): Promise<string> {
  const place = { table: 'facts', rowId: 'session_signing', version: 1 }
  const made = await vault.seal(place, { secret: new Secret(newRandomToken()) })
  const stored = await stores.facts.setOnce('session_signing', JSON.stringify(made))
  const sealed = z
    .object({ wrappedKey: z.string(), fields: z.record(z.string(), z.string()) })
    .parse(JSON.parse(stored))
  return (await vault.open(place, sealed, 'secret')).reveal()
}

function statusOf(error: unknown): number {
  if (!(error instanceof Error)) return 500
  const status: unknown = Reflect.get(error, 'statusCode')
  return typeof status === 'number' ? status : 500
}
