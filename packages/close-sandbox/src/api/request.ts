import type { User } from '../accounts/accounts.ts'
import type { Permission } from '../accounts/roles.ts'
import type { ChangeContext } from '../data/changes.ts'
import type { Organization } from '../data/organization.ts'
import type { Json, JsonObject } from '../json.ts'
import { forbidden } from './errors.ts'

/** Who calls: a user in one organization, by key or by OAuth. */
export interface Caller {
  readonly user: User
  readonly organization: Organization
  readonly apiKeyId: string | null
  readonly oauthClientId: string | null
  readonly grantId: string | null
}

/** An authenticated request with its body parsed. */
export interface ApiRequest {
  readonly caller: Caller
  readonly method: string
  readonly path: string
  /** The variable parts of the path, such as `id`. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: JsonObject
  readonly nowMs: number
  readonly requestId: string
  /** From `x-tz-offset`: hours between the caller's dates and UTC. */
  readonly offsetHours: number
}

export interface ApiAnswer {
  readonly status: number
  /** Undefined: an empty body. */
  readonly body?: Json
  readonly headers?: Readonly<Record<string, string>>
}

export type Handler = (request: ApiRequest) => ApiAnswer

/** Handlers by method, by path pattern such as `/lead/{id}/`. */
export type Endpoints = Readonly<Record<string, Readonly<Record<string, Handler>>>>

export function ok(body?: Json): ApiAnswer {
  return body === undefined ? { status: 200 } : { status: 200, body }
}

/** The context in which a request changes records. */
export function changeContext(request: ApiRequest): ChangeContext {
  const { caller } = request
  return {
    organization: caller.organization,
    nowMs: request.nowMs,
    actor: {
      userId: caller.user.id,
      apiKeyId: caller.apiKeyId,
      oauthClientId: caller.oauthClientId,
      method: request.method,
      path: request.path,
      requestId: request.requestId,
    },
  }
}

/** @throws ApiError 403 when the caller's role lacks the permission. */
export function requirePermission({ caller }: ApiRequest, permission: Permission): void {
  const { accounts, id } = caller.organization
  if (!accounts.hasPermission(caller.user.id, id, permission)) {
    throw forbidden(`You need the permission ${permission} to do this.`)
  }
}

/** The names in `_fields`; undefined when everything is wanted. */
export function fieldsOf({ query }: ApiRequest): ReadonlySet<string> | undefined {
  const text = query.get('_fields')
  return text ? new Set(text.split(',').map((field) => field.trim())) : undefined
}
