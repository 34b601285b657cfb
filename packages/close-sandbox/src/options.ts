import type { CollectionName } from './data/settings.ts'
import type { RateLimitOptions } from './limits/rate-limits.ts'
import type { RefreshReuse } from './oauth/grants.ts'

/** The options of a sandbox. The same seed and sizes give the same accounts, keys and records. */
export interface SandboxOptions {
  /** Default 0: a free one. */
  readonly port?: number
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Leads in the first organization; default 250. The others have 40. */
  readonly leads?: number
  /** How many records the small collections have, where not a handful: `{ playbook: 250, email_template: 1_000 }`. */
  readonly records?: Readonly<Partial<Record<CollectionName, number>>>
  /** Default 2, at least 2. */
  readonly organizations?: number
  /** Default 1. */
  readonly seed?: number | string
  /** Default: no limits and no headers. */
  readonly rateLimit?: RateLimitOptions | null
  /** Milliseconds before each API or token request is handled; default 0. */
  readonly latencyMs?: number
  /** Where the sandbox's clock starts, in milliseconds since 1970; default: now. */
  readonly now?: number
  /** https addresses of the seeded OAuth app; default `https://localhost:8443/oauth/callback`. */
  readonly redirectUris?: readonly string[]
  /** The seeded OAuth app's name on the consent page. */
  readonly oauthAppName?: string
  /** Default 3600. */
  readonly accessTokenSeconds?: number
  /** Default: refuse. */
  readonly refreshReuse?: RefreshReuse
}
