import { endpoints, type ResourceKind } from '@latchwork/contract'
import { api } from '../api/client.ts'

/** Who may do what, for each kind of thing: the same calls. */
export const accessCalls = {
  credential: api.credentialAccess,
  source: api.sourceAccess,
  destination: api.destinationAccess,
  flow: api.flowAccess,
  file: api.fileAccess,
} as const satisfies Record<ResourceKind, unknown>

/** Their rules in the contract. */
export const accessRules = {
  credential: endpoints.credentialAccess,
  source: endpoints.sourceAccess,
  destination: endpoints.destinationAccess,
  flow: endpoints.flowAccess,
  file: endpoints.fileAccess,
} as const satisfies Record<ResourceKind, unknown>
