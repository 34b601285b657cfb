import { z } from 'zod'
import type { ResourceKind, ResourceRole } from './access.ts'
import type { ErrorCode } from './errors.ts'

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Who may call: anybody, whoever is signed in (session or API token), an administrator. */
export type WorkspaceAccess = 'public' | 'member' | 'admin'

/** Who may call: whoever has a role for the thing that a parameter names. A run is looked at through its flow. */
export interface ResourceAccess {
  readonly resource: ResourceKind | 'run'
  readonly param: 'id'
  readonly need: ResourceRole
}
export type Access = WorkspaceAccess | ResourceAccess

/** Below a thing that is owned and shared, nothing less than a rule for that very thing will do. */
type AccessTo<Path extends string> = Path extends `/api/${infer Kind}s/{id}${string}`
  ? Kind extends ResourceAccess['resource']
    ? ResourceAccess & { readonly resource: Kind }
    : Access
  : Access

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
  /** What the audit log calls it; null for an operation that changes nothing and reveals nothing. */
  readonly audit: string | null
  /** What a call takes of its member's share as long as it lasts: `checks` where the server calls another system for it. */
  readonly share: 'checks' | null
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly response: Response
  /** Codes it may answer with, besides those that any operation may. */
  readonly errors: readonly ErrorCode[]
}

const nothing = z.object({})
type Nothing = typeof nothing

interface Definition<Path extends string, P, Q, B, R> {
  method: HttpMethod
  path: Path
  summary: string
  access: AccessTo<Path>
  audit: string | null
  share?: 'checks'
  params?: P
  query?: Q
  body?: B
  response?: R
  errors?: readonly ErrorCode[]
}

/** Fills in what a definition leaves out: no parameters, no query, no body, an empty answer. */
export function defineEndpoint<
  const Path extends string,
  P extends z.ZodType = Nothing,
  Q extends z.ZodType = Nothing,
  B extends z.ZodType = z.ZodUndefined,
  R extends z.ZodType = z.ZodUndefined,
>(definition: Definition<Path, P, Q, B, R>): Endpoint<P, Q, B, R> {
  return {
    errors: [],
    share: null,
    params: nothing as unknown as P, // the default of P is exactly this schema
    query: nothing as unknown as Q, // likewise
    body: z.undefined() as unknown as B, // likewise
    response: z.undefined() as unknown as R, // likewise: 204
    ...definition,
  }
}
