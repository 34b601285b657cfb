import { LatchworkError, newId, type User } from '@latchwork/contract'
import { newRandomToken, type Vault } from '@latchwork/vault'
import { hash, verify } from '@node-rs/argon2'
import { betterAuth } from 'better-auth'
import { createAuthEndpoint } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import { z } from 'zod'
import type { Database } from '../database/database.ts'
import type { MetadataStore } from '../database/metadata.ts'
import { sessionCookieName } from '../http/server.ts'
import { signingSecret } from '../master-keys/signing-secret.ts'
import { sealedSessionStorage } from './session-storage.ts'
import type { SessionStore } from './store/sessions.ts'

/** A session ends after a day without use, and after two weeks in any case. */
const idleSeconds = 24 * 3600
const longestMs = 14 * 24 * 3600_000
/** A used session's expiry is extended at most this often, because each time is a write. */
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

interface OpenSession {
  readonly user: User
  /** Secret: with it the session is used. */
  readonly token: string
  readonly createdAt: Date
}

/** The part of better-auth that our endpoints need. Cookies are whole `Set-Cookie` values. */
export interface PasswordSignIn {
  /** @throws LatchworkError `sign_in_failed`; an unknown address gets the same answer, equally slow */
  signIn(email: string, password: string): Promise<{ session: OpenSession; cookies: string[] }>
  /** Signs in a user who was recognized without a password. @throws LatchworkError `sign_in_failed` */
  open(userId: string): Promise<{ session: OpenSession; cookies: string[] }>
  /** The session of the request's cookies; null if there is none. */
  session(cookieHeader: string): Promise<{ session: OpenSession | null; cookies: string[] }>
  signOut(cookieHeader: string): Promise<string[]>
  /** The sessions of a user that better-auth knows. */
  sessionsOf(userId: string): Promise<{ token: string; createdAt: Date }[]>
  passwordMatches(userId: string, password: string): Promise<boolean>
  hashPassword(password: string): Promise<string>
  setPassword(userId: string, passwordHash: string): Promise<void>
  createUser(user: { name: string; email: string; role: User['role']; password: string }): Promise<User>
}

/** Sign-in by email address and password. Uses the server API of better-auth behind our own endpoints. */
export async function createPasswordSignIn(
  stores: {
    readonly metadata: MetadataStore
    readonly sessions: SessionStore
    readonly kysely: Database['auth']
    readonly kind: 'sqlite' | 'postgres'
  },
  vault: Vault,
  publicUrl: string,
): Promise<PasswordSignIn> {
  const openSession = createAuthEndpoint(
    '/open-session',
    { method: 'POST', body: z.object({ userId: z.string() }) },
    async (context) => {
      const { internalAdapter } = context.context
      const user = await internalAdapter.findUserById(context.body.userId)
      if (user === null) throw new LatchworkError('sign_in_failed')
      const session = await internalAdapter.createSession(user.id)
      await setSessionCookie(context, { session, user })
      return {}
    },
  )
  const auth = betterAuth({
    // Its routes are not mounted. Only our own code calls it.
    plugins: [{ id: 'latchwork', endpoints: { openSession } }],
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
    account: { modelName: 'passwords' },
    session: { expiresIn: idleSeconds, updateAge: extendEverySeconds },
    advanced: {
      // The `__Host-` prefix is in the names themselves; better-auth would add `__Secure-`.
      useSecureCookies: false,
      cookiePrefix: sessionCookieName,
      cookies: { session_token: { name: sessionCookieName } },
      defaultCookieAttributes: { secure: true, httpOnly: true, sameSite: 'lax', path: '/' },
      database: { generateId: ({ model }) => (model === 'user' ? newId('user') : newRandomToken()) },
    },
  })

  const newSession = async (headers: Headers) => {
    const cookies = headers.getSetCookie()
    const { session } = await signIn.session(cookies.map((cookie) => cookie.split(';', 1)[0]).join('; '))
    if (session === null) throw new LatchworkError('sign_in_failed')
    return { session, cookies }
  }

  const signIn: PasswordSignIn = {
    async signIn(email, password) {
      try {
        const { headers } = await auth.api.signInEmail({
          body: { email, password },
          headers: new Headers(),
          returnHeaders: true,
        })
        return await newSession(headers)
      } catch (error) {
        if (statusOf(error) >= 500) throw error
      }
      throw new LatchworkError('sign_in_failed')
    },

    async open(userId) {
      const { headers } = await auth.api.openSession({ body: { userId }, returnHeaders: true })
      return newSession(headers)
    },

    async session(cookieHeader) {
      if (!cookieHeader.includes(sessionCookieName)) return { session: null, cookies: [] }
      const { headers, response } = await auth.api.getSession({
        headers: new Headers({ cookie: cookieHeader }),
        returnHeaders: true,
      })
      const cookies = headers.getSetCookie()
      if (response === null) return { session: null, cookies }
      const { token, createdAt } = response.session
      if (Date.now() - createdAt.getTime() > longestMs) {
        return { session: null, cookies: await signIn.signOut(cookieHeader) }
      }
      return { session: { user: userSchema.parse(response.user), token, createdAt }, cookies }
    },

    async signOut(cookieHeader) {
      const { headers } = await auth.api.signOut({
        headers: new Headers({ cookie: cookieHeader }),
        returnHeaders: true,
      })
      return headers.getSetCookie()
    },

    async sessionsOf(userId) {
      const { internalAdapter } = await auth.$context
      const sessions = await internalAdapter.listSessions(userId)
      // The storage holds the time as text, although its type says `Date`.
      return sessions.map(({ token, createdAt }) => ({ token, createdAt: new Date(createdAt) }))
    },

    async passwordMatches(userId, password) {
      const { internalAdapter } = await auth.$context
      const authentication = await internalAdapter.findAccounts(userId)
      const stored = authentication.find(({ providerId }) => providerId === 'credential')?.password
      return typeof stored === 'string' && (await verify(stored, password))
    },

    hashPassword: (password) => hash(password, argon2Options),

    async setPassword(userId, passwordHash) {
      const { internalAdapter } = await auth.$context
      await internalAdapter.updatePassword(userId, passwordHash)
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

function statusOf(error: unknown): number {
  if (!(error instanceof Error)) return 500
  const status: unknown = Reflect.get(error, 'statusCode')
  return typeof status === 'number' ? status : 500
}
