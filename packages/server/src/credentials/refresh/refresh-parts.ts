import type { Clock } from '@latchwork/connectors'
import type { Vault } from '@latchwork/vault'
import type { Logger } from '../../logging/logger.ts'
import type { CredentialStore } from '../store/credentials.ts'
import type { CredentialRow } from '../store/row.ts'
import type { Connectors } from '../tokens/oauth-server.ts'
import { tokenTimeoutSeconds } from '../tokens/token-call.ts'
import type { Revoker } from './revoking.ts'

/** A request ends, by answer or time-out, well before its lease. */
export const leaseTtlMs = 3 * tokenTimeoutSeconds * 1000

/** What a refresh needs. Processes have only the store in common. */
export interface RefresherParts {
  readonly store: CredentialStore
  readonly vault: Vault
  /** Each connector names the OAuth server that issues its credentials' tokens. */
  readonly connectors: Connectors
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
  /** Unique among all processes that share the database. */
  readonly owner: string
  /** Tokens are refreshed this long before they expire. */
  readonly marginMs: number
  /** Called with a credential whose OAuth app was refused, so that no other one tries the same secret. */
  readonly pauseApp?: (refused: CredentialRow) => Promise<unknown>
  /** Ends the grant of a new pair whose credential was deleted during the refresh. */
  readonly revoker: Pick<Revoker, 'revokeTokens'>
}
