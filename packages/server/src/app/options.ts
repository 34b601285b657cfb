import type { Clock, Connector } from '@latchwork/connectors'
import type { RunWaits } from '../flows/runs/retrying.ts'
import type { Timeouts } from '../http/server.ts'
import type { LogStream } from '../logging/logger.ts'
import type { Settings } from '../settings/settings.ts'
import type { MemberShares } from '../shares/limits.ts'

export interface AppOptions {
  readonly settings: Settings
  readonly clock?: Clock
  /** Standard output unless given. */
  readonly logStream?: LogStream
  readonly logLevel?: string
  /** Folder with the built page. */
  readonly pageDir?: string
  /** Requests that one client may make within a minute. */
  readonly requestsPerMinute?: number
  /** How long a client may take to send its request. */
  readonly timeouts?: Timeouts
  /** How long jobs under way may take once the server stops; 5 seconds by default. */
  readonly jobGraceMs?: number
  /** How much one member may take, where it differs from the default. */
  readonly shares?: Partial<MemberShares>
  /** How far Close's lists may lag after a write; the default is what is known of Close. */
  readonly closeListLagMs?: number
  /** How long runs wait for what is away, and how often they are tried again, where it differs from what is usual. */
  readonly waits?: Partial<RunWaits>
  /** Further systems, beside those that come with Latchwork. */
  readonly connectors?: readonly Connector[]
}
