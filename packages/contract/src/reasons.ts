import type { ErrorCode } from './errors/catalogue.ts'

/** What a check, a use or a refresh may write beside a credential as the reason of its status. */
export const reasonCodes = [
  'api_key_rejected',
  'api_key_disabled',
  'access_revoked',
  'grant_rejected',
  'lost_rotation',
  'oauth_client_rejected',
  'identity_changed',
  'account_refused',
  'not_authorized',
  'role_narrowed',
  'unreachable',
  'upstream_error',
  'upstream_refused',
  'upstream_rate_limited',
  'oauth_failed',
  'never_checked',
  'login_rejected',
  'database_missing',
  'tls_failed',
  'secret_unreadable',
  'secret_destination_changed',
] as const satisfies readonly ErrorCode[]
export type ReasonCode = (typeof reasonCodes)[number]
