import { type Endpoint, type ResourceRole, resourceRoles } from '@latchwork/contract'

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
