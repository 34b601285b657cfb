import {
  type Endpoint,
  endpoints,
  type ResourceKind,
  type ResourceRole,
  resourceRoles,
} from '@latchwork/contract'
import { api } from '../api/client.ts'

/** Something that is owned and shared, as the server shows it. */
export interface Held {
  readonly yourRole: ResourceRole
}

/**
 * Whether the signed-in person may call an endpoint for a thing, by the endpoint's own rule in the contract. The server
 * has the last word; this only keeps the page from offering what would be refused.
 */
export function may({ yourRole }: Held, { access }: Pick<Endpoint, 'access'>): boolean {
  return typeof access === 'string' || resourceRoles.indexOf(yourRole) >= resourceRoles.indexOf(access.need)
}

/** Who may do what, for each kind of thing: the same calls. */
export const accessCalls = {
  credential: api.credentialAccess,
  source: api.sourceAccess,
  destination: api.destinationAccess,
  flow: api.flowAccess,
  file: api.fileAccess,
  pass: api.passAccess,
} as const satisfies Record<ResourceKind, unknown>

/** Their rules in the contract. */
export const accessRules = {
  credential: endpoints.credentialAccess,
  source: endpoints.sourceAccess,
  destination: endpoints.destinationAccess,
  flow: endpoints.flowAccess,
  file: endpoints.fileAccess,
  pass: endpoints.passAccess,
} as const satisfies Record<ResourceKind, unknown>
