import { LatchworkError, newId, type SignInMethod, type Token, type User } from '@latchwork/contract'
import { hashToken, newRandomToken, type Vault } from '@latchwork/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { toTime, toTimeOrNull } from '../database/columns.ts'
import type { Database } from '../database/database.ts'
import { member } from '../database/identity-tables.ts'
import type { MetadataStore } from '../database/metadata.ts'
import { bearerToken, type Caller } from '../http/caller.ts'
import { createPasswordSignIn, type PasswordSignIn } from './auth.ts'
import { clientWords } from './client-words.ts'
import type { SessionStore, SignInRow, SignInUse } from './store/sessions.ts'
import type { TokenRow, TokenStore } from './store/tokens.ts'

const tokenPrefix = 'lw_'
const setupName = 'setup_token_hash'
const dayMs = 24 * 3600_000
/** A session or token may be used many times a second; not every use is written. */
const noteUseEveryMs = 60_000

export interface NewAdministrator {
  readonly name: string
  readonly email: string
  readonly password: string
}

export type AuthenticationStores = {
  readonly metadata: MetadataStore
  readonly sessions: SessionStore
  readonly tokens: TokenStore
  readonly kysely: Database['auth']
  readonly kind: 'sqlite' | 'postgres'
  now(): Promise<Date>
  commit<T>(work: () => Promise<T>): Promise<T>
}

/** The product's own users: who they are, how they sign in, and their API tokens. */
export class Authentication {
  readonly #stores: AuthenticationStores
  readonly #signIn: PasswordSignIn
  /** Set-ups run one after the other: of two with the same link only one creates the administrator. */
  #setup: Promise<unknown> = Promise.resolve()

  private constructor(stores: AuthenticationStores, signIn: PasswordSignIn) {
    this.#stores = stores
    this.#signIn = signIn
  }

  static async open(stores: AuthenticationStores, vault: Vault, publicUrl: string): Promise<Authentication> {
    return new Authentication(stores, await createPasswordSignIn(stores, vault, publicUrl))
  }

  async needsSetup(): Promise<boolean> {
    const anybody = await this.#stores.kysely.selectFrom('user').select('id').limit(1).executeTakeFirst()
    return anybody === undefined
  }

  /** Creates a one-time token for the set-up link, and ends earlier links. Stored as a hash. */
  async newSetupToken(): Promise<string> {
    const token = newRandomToken()
    await this.#stores.metadata.set(setupName, hashToken(token))
    return token
  }

  /**
   * Creates the administrator by the set-up link.
   * @throws {LatchworkError} `setup_done`, `setup_link_invalid`
   */
  async setUp(token: string, administrator: NewAdministrator): Promise<User> {
    const turn = this.#setup.then(async () => {
      if (!(await this.needsSetup())) throw new LatchworkError('setup_done')
      const hash = hashToken(token)
      // The link is taken first, so that of two processes with the same link, too, only one creates the administrator.
      if (!(await this.#stores.metadata.take(setupName, hash))) throw new LatchworkError('setup_link_invalid')
      try {
        return await this.#signIn.createUser({ ...administrator, role: 'admin' })
      } catch (error) {
        await this.#stores.metadata.setOnce(setupName, hash)
        throw error
      }
    })
    this.#setup = turn.catch(() => undefined)
    return turn
  }

  /** Creates the administrator that the settings name; null if there is a user already. */
  async ensureAdministrator(administrator: NewAdministrator): Promise<User | null> {
    return (await this.needsSetup()) ? this.#signIn.createUser({ ...administrator, role: 'admin' }) : null
  }

  /** @throws {LatchworkError} `sign_in_failed` */
  async signIn(email: string, password: string, reply: FastifyReply): Promise<User> {
    // The password is hashed before the first write, and a refusal is not part of the unit.
    const { user } = await this.#stores.commit(async () => ({
      user: await this.#begin(await this.#signIn.signIn(email, password), 'password', reply),
    }))
    return user
  }

  /** Signs in a user who was recognized by a passkey or a link. @throws {LatchworkError} `sign_in_failed` */
  async signInAs(userId: string, method: SignInMethod, reply: FastifyReply): Promise<User> {
    return this.#begin(await this.#signIn.open(userId), method, reply)
  }

  async #begin(
    { session, cookies }: Awaited<ReturnType<PasswordSignIn['open']>>,
    method: SignInMethod,
    reply: FastifyReply,
  ): Promise<User> {
    await this.#stores.sessions.open(hashToken(session.token), { ...useOf(reply.request), method })
    setCookies(reply, cookies)
    return session.user
  }

  async signOut(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const cookies = await this.#stores.commit(() => this.#signIn.signOut(request.headers.cookie ?? ''))
    setCookies(reply, cookies)
  }

  /**
   * Finds out who makes the request: by the API token if one was sent, otherwise by the browser's session.
   * @throws {LatchworkError} `not_signed_in` if the token that was sent is not valid
   */
  async authenticate(request: FastifyRequest, reply: FastifyReply): Promise<Caller | null> {
    const token = bearerToken(request)
    if (token !== null) return this.#tokenCaller(token, request)
    const { session: open, cookies } = await this.#signIn.session(request.headers.cookie ?? '')
    setCookies(reply, cookies)
    if (open === null) return null
    const session = await this.#listed(open.user.id, open)
    // The session remembers the user as at sign-in. The role may have changed since, or the member was removed.
    const user = (await this.users([open.user.id])).get(open.user.id)
    if (session === null || user === undefined) return null
    const keyHash = hashToken(open.token)
    if (isNotedAgain(session.lastUsedAt)) await this.#stores.sessions.touch(keyHash, useOf(request))
    return { user, via: 'session', session, proof: `session:${keyHash}` }
  }

  /**
   * The person of an earlier `Caller`, as they are now. Null if they were removed or signed out of that session, or if
   * the token was revoked or has expired.
   */
  async stillThere(userId: string, proof: string): Promise<User | null> {
    const [kind = '', hash = ''] = proof.split(':')
    const { sessions, tokens } = this.#stores
    const stands = kind === 'token' ? tokens.findByHash(hash) : sessions.get(hash)
    if ((await stands) === null) return null
    return (await this.users([userId])).get(userId) ?? null
  }

  /** A session as the list of sign-ins has it; null if any process has ended it. */
  async #listed(
    userId: string,
    { token, createdAt }: { readonly token: string; readonly createdAt: Date },
  ): Promise<SignInRow | null> {
    const { sessions } = this.#stores
    const keyHash = hashToken(token)
    const row = await sessions.find(keyHash)
    if (row !== null) return row
    await sessions.adopt(keyHash, { userId, createdAt: createdAt.getTime() })
    return sessions.find(keyHash)
  }

  /** @throws Error if the address is taken */
  addMember(member: NewAdministrator & { readonly role: User['role'] }): Promise<User> {
    return this.#signIn.createUser(member)
  }

  /** Ends the sessions of a user at once, in every process: all, or all but one. Returns how many. */
  async endSessions(userId: string, exceptId: string | null = null): Promise<number> {
    for (const session of await this.#signIn.sessionsOf(userId)) await this.#listed(userId, session)
    return this.#stores.sessions.endAll(userId, exceptId)
  }

  passwordMatches(userId: string, password: string): Promise<boolean> {
    return this.#signIn.passwordMatches(userId, password)
  }

  /** Slow on purpose. Call it before the first write, because a transaction must not wait for it. */
  hashPassword(password: string): Promise<string> {
    return this.#signIn.hashPassword(password)
  }

  setPassword(userId: string, passwordHash: string): Promise<void> {
    return this.#signIn.setPassword(userId, passwordHash)
  }

  async #tokenCaller(token: string, request: FastifyRequest): Promise<Caller> {
    const row = await this.#stores.tokens.findByHash(hashToken(token))
    const user = row === null ? undefined : (await this.users([row.userId])).get(row.userId)
    if (row === null || user === undefined) {
      throw new LatchworkError('not_signed_in', {
        message: "This API token isn't valid: it may have expired or been revoked. Make a new one.",
      })
    }
    if (isNotedAgain(row.lastUsedAt)) await this.#stores.tokens.touch(row.id, request.ip)
    const { id: tokenId, name: tokenName, expiresAt, hash } = row
    return { user, via: 'token', tokenId, tokenName, expiresAt, proof: `token:${hash}` }
  }

  /** Users by their ids. */
  async users(ids: readonly string[]): Promise<ReadonlyMap<string, User>> {
    if (ids.length === 0) return new Map()
    const rows = await this.#stores.kysely
      .selectFrom('user')
      .select(['id', 'name', 'email', 'role', 'createdAt'])
      .where('id', 'in', [...new Set(ids)])
      .execute()
    const users = rows.map(member.toRow)
    return new Map(users.map(({ id, name, email, role }) => [id, { id, name, email, role }]))
  }

  async tokens(user: User): Promise<Token[]> {
    return (await this.#stores.tokens.list(user.id)).map(shownToken)
  }

  /**
   * Creates an API token. Its plaintext is returned here and never again.
   * @param latest the latest possible expiry, in milliseconds since 1970: a token makes none that outlives it
   * @param terminal the machine of the terminal that signs in with it; null for a program's token
   */
  async createToken(
    user: User,
    name: string,
    expiresInDays: number | null,
    latest: number | null = null,
    terminal: string | null = null,
  ): Promise<{ token: Token; secret: string }> {
    const secret = newRandomToken(tokenPrefix)
    const now = await this.#stores.now()
    const asked = expiresInDays === null ? null : now.getTime() + expiresInDays * dayMs
    const row = await this.#stores.tokens.insert({
      id: newId('token'),
      userId: user.id,
      name,
      hash: hashToken(secret),
      suffix: secret.slice(-4),
      expiresAt: earlier(asked, latest),
      terminal,
    })
    return { token: shownToken(row), secret }
  }

  /** @throws {LatchworkError} `token_not_found` */
  async revokeToken(user: User, id: string): Promise<void> {
    if (!(await this.#stores.tokens.erase(id, user.id))) throw new LatchworkError('token_not_found')
  }
}

function isNotedAgain(lastUsedAt: number | null): boolean {
  return lastUsedAt === null || Date.now() - lastUsedAt > noteUseEveryMs
}

function useOf(request: FastifyRequest): SignInUse {
  return { client: clientWords(request.headers['user-agent']), address: request.ip }
}

function setCookies(reply: FastifyReply, cookies: readonly string[]): void {
  if (cookies.length > 0) reply.header('set-cookie', [...cookies])
}

/** The earlier of two times; null is never. */
function earlier(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other)
}

function shownToken({ id, name, suffix, createdAt, expiresAt, lastUsedAt }: TokenRow): Token {
  return {
    ...{ id, name, suffix },
    createdAt: toTime(createdAt),
    expiresAt: toTimeOrNull(expiresAt),
    lastUsedAt: toTimeOrNull(lastUsedAt),
  }
}
