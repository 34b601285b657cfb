import type { ErrorCode } from '../errors/catalogue.ts'

/** For an operation that has another system check a secret: why the system refused it, or could not be asked. */
export const checkRefusals = [
  'api_key_rejected',
  'account_refused',
  'login_rejected',
  'database_missing',
  'tls_failed',
  'oauth_client_rejected',
  'secret_destination_changed',
  'unreachable',
  'upstream_error',
  'upstream_refused',
  'upstream_rate_limited',
] as const satisfies readonly ErrorCode[]

/** For an operation that uses a stored credential: also why that can't be used. */
export const useRefusals = [
  ...checkRefusals,
  'credential_not_found',
  'credential_draft',
  'credential_failed',
  'credential_switched',
  'not_authorized',
  'identity_changed',
  'grant_rejected',
  'lost_rotation',
  'api_key_disabled',
  'access_revoked',
  'role_narrowed',
] as const satisfies readonly ErrorCode[]

/** For an operation that saves a source or a destination. */
export const sideRefusals = [
  'connector_unknown',
  'credential_not_found',
  'credential_wrong_connector',
  'credential_draft',
  'name_taken',
  'mapping_invalid',
  'file_not_found',
  'forbidden',
] as const satisfies readonly ErrorCode[]
