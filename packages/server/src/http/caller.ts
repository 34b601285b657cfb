import {
  type Access,
  type Endpoint,
  LatchworkError,
  type ResourceAccess,
  type ResourceKind,
  type SignInMethod,
  type User,
  type WorkspaceAccess,
} from '@latchwork/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** How and when the requesting browser signed in. */
export interface BrowserSession {
  readonly id: string
  /** Null: not known, for an old sign-in. */
  readonly method: SignInMethod | null
  readonly createdAt: number
}

/** Who makes a request, proved by the browser's cookie or by an API token in the Authorization header. */
export type Caller = {
  readonly user: User
  /**
   * The kind and hash of the session or API token. Work that began with it can check later whether it is still valid.
   */
  readonly proof: string
} & (
  | { readonly via: 'session'; readonly session: BrowserSession }
  | {
      readonly via: 'token'
      readonly tokenId: string
      readonly tokenName: string
      readonly expiresAt: number | null
    }
)

/**
 * Finds out who makes a request; null if nobody is signed in.
 * @throws {LatchworkError} `not_signed_in` if an invalid API token was sent
 */
export type Authenticate = (request: FastifyRequest, reply: FastifyReply) => Promise<Caller | null>

/**
 * Refuses a user without the needed role for the thing that a request's parameter names.
 * @throws {LatchworkError} `forbidden`, or that there is no such thing
 */
export type CheckResource = (access: ResourceAccess, user: User, params: unknown) => Promise<void>

/**
 * Does the work within a member's share.
 * @throws {LatchworkError} `share_exceeded` if the share is used up
 */
export type WithinShare = <T>(
  user: User,
  share: NonNullable<Endpoint['share']>,
  work: () => Promise<T>,
) => Promise<T>

/** A thing in an answer. */
export interface Shown {
  readonly id: string
  /** Only of a run. */
  readonly flowId?: string
}
export interface ShownList {
  readonly items: readonly Shown[]
}

/** Adds the caller's role to the answer: to the thing, or to each of the `items` of a list. */
export type AddRole = (user: User, kind: ResourceKind, answer: Shown | ShownList) => Promise<unknown>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call. Missing at an address that does not exist, and at one that checks it by itself. */
    access?: Access
  }

  interface FastifyInstance {
    checkResource: CheckResource
    withinShare: WithinShare
    addRole: AddRole
  }

  interface FastifyRequest {
    /** Set before the handler of an endpoint runs; null if nobody is signed in. */
    caller: Caller | null
  }
}

/**
 * Refuses a request without a sign-in before anything else of it is read. Only endpoints that are declared public are
 * open; a change of an address that does not exist is refused, too.
 * @throws {LatchworkError} `not_signed_in`
 */
export function checkSignedIn(request: FastifyRequest): void {
  const { access } = request.routeOptions.config
  if (request.caller !== null || access === 'public') return
  if (access === undefined && safeMethods.has(request.method)) return
  throw new LatchworkError('not_signed_in')
}

/** Methods that change nothing. */
export const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Refuses a caller who is not explicitly allowed. */
export function checkAccess(access: WorkspaceAccess, caller: Caller | null): void {
  if (access === 'public') return
  if (caller === null) throw new LatchworkError('not_signed_in')
  if (access === 'member') return
  if (caller.user.role !== 'admin') throw new LatchworkError('forbidden')
}

/**
 * Requires, right before a change, that the caller still may make it: the request may have waited for another system
 * while somebody removed or signed out its person, or withdrew the right.
 * @param stillThere the person now; null if removed, or signed out of the session or token of the proof
 * @throws {LatchworkError} `not_signed_in`, and as `checkResource`
 */
export async function checkStill(
  { caller, routeOptions, params }: FastifyRequest,
  stillThere: (userId: string, proof: string) => Promise<User | null>,
  checkResource: CheckResource,
): Promise<void> {
  const { access } = routeOptions.config
  if (caller === null || access === undefined || access === 'public') return
  const user = await stillThere(caller.user.id, caller.proof)
  if (user === null) throw new LatchworkError('not_signed_in')
  if (typeof access === 'string') return checkAccess(access, { ...caller, user })
  return checkResource(access, user, params)
}

/** The caller of an endpoint that is not public. */
export function requireCaller(request: FastifyRequest): Caller {
  if (request.caller === null) throw new LatchworkError('not_signed_in')
  return request.caller
}

/** The bearer token of a request; null if none. Other schemes of Authorization are for a proxy. */
export function bearerToken(request: FastifyRequest): string | null {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null
}
