export type { ApiKey, User } from './accounts/accounts.ts'
export type {
  AuthorizeOptions,
  ListPageOptions,
  Mutation,
  RecordReference,
  SandboxControl,
} from './control/control.ts'
export type { Fault, FaultKind, FaultOptions } from './control/faults.ts'
export type { LoggedRequest } from './http/request-log.ts'
export type { Json, JsonObject } from './json.ts'
export type { RateLimitHeaderStyle, RateLimitOptions } from './limits/rate-limits.ts'
export type { Grant, OAuthApp, RefreshReuse } from './oauth/grants.ts'
export type { SandboxOptions } from './options.ts'
export { type Sandbox, startSandbox } from './sandbox.ts'
