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

/** How and when the browser that sends a request was signed in. */
export interface BrowserSession {
  readonly id: string
  /** Null: not known, of one from before it was noted. */
  readonly method: SignInMethod | null
  readonly createdAt: number
}

/** Who makes a request, and by what right: the browser's cookie, or an API token in the Authorization header. */
export type Caller = {
  readonly user: User
  /** The session or API token: its kind and hash. What is begun with it can be asked later whether it still stands. */
  readonly proof: string
} & (
  | { readonly via: 'session'; readonly session: BrowserSession }
  | { readonly via: 'token'; readonly tokenId: string; readonly expiresAt: number | null }
)

/**
 * Finds out who makes a request; null for nobody.
 * @throws {LatchworkError} `not_signed_in` if an API token was sent and is not one
 */
export type Authenticate = (request: FastifyRequest, reply: FastifyReply) => Promise<Caller | null>

/**
 * Refuses who has not the role that is needed for the thing that a request's parameter names.
 * @throws {LatchworkError} `forbidden`, or that there is no such thing
 */
export type CheckResource = (access: ResourceAccess, user: User, params: unknown) => Promise<void>

/**
 * Does the work in one of the member's places of a share.
 * @throws {LatchworkError} `share_exceeded` if none is free
 */
export type WithinShare = <T>(
  user: User,
  share: NonNullable<Endpoint['share']>,
  work: () => Promise<T>,
) => Promise<T>

/** A thing that is answered. */
export interface Shown {
  readonly id: string
  /** Of a run. */
  readonly flowId?: string
}
export interface ShownList {
  readonly items: readonly Shown[]
}

/** The answer with what whoever asks may do with it: with the thing, or with each of the `items` of a list. */
export type AddRole = (user: User, kind: ResourceKind, answer: Shown | ShownList) => Promise<unknown>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call; missing at an address that does not exist, and at what checks it by itself. */
    access?: Access
  }

  interface FastifyInstance {
    checkResource: CheckResource
    withinShare: WithinShare
    addRole: AddRole
  }

  interface FastifyRequest {
    /** Set before any handler of an endpoint runs; null for nobody. */
    caller: Caller | null
  }
}

/**
 * Refuses whoever is not signed in, before anything else of a request is looked at: an address that anybody may call is
 * so by name, and a change of one that does not exist is no exception.
 * @throws {LatchworkError} `not_signed_in`
 */
export function checkSignedIn(request: FastifyRequest): void {
  const { access } = request.routeOptions.config
  if (request.caller !== null || access === 'public') return
  if (access === undefined && safeMethods.has(request.method)) return
  throw new LatchworkError('not_signed_in')
}

/** They change nothing. */
export const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Refuses a caller who may not; what is not allowed by name is refused. */
export function checkAccess(access: WorkspaceAccess, caller: Caller | null): void {
  if (access === 'public') return
  if (caller === null) throw new LatchworkError('not_signed_in')
  if (access === 'member') return
  if (caller.user.role !== 'admin') throw new LatchworkError('forbidden')
}

/** The caller of an endpoint that is not public. */
export function requireCaller(request: FastifyRequest): Caller {
  if (request.caller === null) throw new LatchworkError('not_signed_in')
  return request.caller
}

/** The bearer token that a request was sent with; null if none. Other schemes of Authorization are a proxy's affair. */
export function bearerToken(request: FastifyRequest): string | null {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null
}
