import { z } from 'zod'
import type { ResourceKind, ResourceRole } from './access.ts'
import type { ErrorCode } from './errors/catalogue.ts'

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Who may call: anybody, a member who is signed in (by session or API token), an administrator. */
export type WorkspaceAccess = 'public' | 'member' | 'admin'

/** Who may call: a member with a role for the thing that a parameter names. A run has the role of its flow. */
export interface ResourceAccess {
  readonly resource: ResourceKind | 'run'
  readonly param: 'id'
  readonly need: ResourceRole
}
export type Access = WorkspaceAccess | ResourceAccess

/** An endpoint about a thing that is owned and shared needs a rule for that very thing. */
type AccessTo<Path extends string> = Path extends `/api/passes/{id}${string}`
  ? ResourceAccess & { readonly resource: 'pass' }
  : Path extends `/api/${infer Kind}s/{id}${string}`
    ? Kind extends ResourceAccess['resource']
      ? ResourceAccess & { readonly resource: Kind }
      : Access
    : Access

/** A thing whose answer has the caller's role. */
interface Roled {
  readonly id: string
  readonly yourRole: ResourceRole
}

/** An answer as a handler gives it: without `yourRole`, which the server adds. */
export type WithoutRole<T> = T extends Roled
  ? Omit<T, 'yourRole'>
  : T extends { readonly items: readonly (infer Item)[] }
    ? Item extends Roled
      ? Omit<T, 'items'> & { readonly items: readonly Omit<Item, 'yourRole'>[] }
      : T
    : T

/** An endpoint whose answer has `yourRole` names the kind of thing. */
type RoleRule<R extends z.ZodType> =
  z.input<R> extends Roled | { readonly items: readonly Roled[] }
    ? { readonly roleFor: ResourceKind }
    : { readonly roleFor?: never }

/** The kinds of things in the audit log. */
type Named = { readonly id: string } & ({ readonly name: string } | { readonly email: string })
type NamedIn<T> = {
  [K in keyof T & string]: [T[K]] extends [never]
    ? never
    : NonNullable<T[K]> extends Named
      ? `answer.${K}`
      : never
}[keyof T & string]

/** The subject of an operation: the thing that its path names, its answer or a part of that; or none. */
type AuditSubject<Params, Answer> =
  | 'none'
  | (Params extends { readonly id: string } ? 'params.id' : never)
  | (Answer extends Named ? 'answer' : never)
  | NamedIn<Answer>

/** The audit entry of an operation. */
export interface Audit<Subject extends string = string> {
  /** The kind of thing that it is about, and what was done: `credential.create`. */
  readonly action: string
  readonly subject: Subject
  /** The member whom the request itself signs in. Without it, the actor is the member who was signed in before. */
  readonly actor?: 'answer.user'
}

/** One operation of the REST API: everything that the server, the page and the OpenAPI document need to know of it. */
export interface Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  readonly method: HttpMethod
  /** With `{name}` for a parameter. */
  readonly path: string
  readonly summary: string
  readonly access: Access
  /** Null for an operation that changes nothing and reveals nothing. */
  readonly audit: Audit | null
  /** The kind of the things that it answers: the server adds `yourRole` to each. A run has the role of its flow. */
  readonly roleFor: ResourceKind | null
  /** Whether something is made: then a success has the status 201. */
  readonly creates: 'always' | 'sometimes' | 'never'
  /** What a call takes of its member's share as long as it lasts: `checks` where the server calls another system for it. */
  readonly share: 'checks' | null
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly response: Response
  /** The media type of the body, and of a success's answer; not JSON where the schema says nothing of the bytes. */
  readonly bodyType: string
  readonly answerType: string
  /** Codes it may answer with, besides those that any operation may. */
  readonly errors: readonly ErrorCode[]
}

export const jsonType = 'application/json'

const nothing = z.object({})
type Nothing = typeof nothing

interface Definition<
  Path extends string,
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
> {
  method: HttpMethod
  path: Path
  summary: string
  access: AccessTo<Path>
  audit: Audit<AuditSubject<z.input<P>, z.input<R>>> | null
  share?: 'checks'
  creates?: 'always' | 'sometimes'
  params?: P
  query?: Q
  body?: B
  response?: R
  bodyType?: string
  answerType?: string
  errors?: readonly ErrorCode[]
}

/** Fills in what a definition leaves out: no parameters, no query, no body, an empty answer. */
export function defineEndpoint<
  const Path extends string,
  P extends z.ZodType = Nothing,
  Q extends z.ZodType = Nothing,
  B extends z.ZodType = z.ZodUndefined,
  R extends z.ZodType = z.ZodUndefined,
>(definition: Definition<Path, P, Q, B, R> & RoleRule<R>): Endpoint<P, Q, B, R> {
  return {
    errors: [],
    share: null,
    roleFor: null,
    creates: 'never',
    bodyType: jsonType,
    answerType: jsonType,
    params: nothing as unknown as P, // the default of P is exactly this schema
    query: nothing as unknown as Q, // likewise
    body: z.undefined() as unknown as B, // likewise
    response: z.undefined() as unknown as R, // likewise: 204
    ...definition,
  }
}
