import type { Clock } from '@latchwork/connectors'
import type { ErrorCode } from '@latchwork/contract'
import type { Vault } from '@latchwork/vault'
import type { Database } from '../../database/database.ts'
import type { Authentication } from '../../identity/authentication.ts'
import type { AccessRules } from '../../identity/rules.ts'
import type { Logger } from '../../logging/logger.ts'
import type { Revoker } from '../refresh/revoking.ts'
import { placeOfRow } from '../secrets/sealing.ts'
import type { Credentials } from '../service/service.ts'
import type { AuthorizationRow, AuthorizationStore } from '../store/authorizations.ts'
import type { CredentialStore } from '../store/credentials.ts'
import type { DeletedCredentialStore } from '../store/deleted.ts'
import type { CredentialRow } from '../store/row.ts'
import type { Connectors } from '../tokens/oauth-server.ts'
import type { OAuthApp } from '../tokens/token-call.ts'

export interface AuthorizationParts {
  readonly stores: {
    readonly authorizations: AuthorizationStore
    readonly credentials: CredentialStore
    readonly database: Database
    readonly deleted: DeletedCredentialStore
    now(): Promise<Date>
  }
  readonly vault: Vault
  readonly credentials: Credentials
  readonly authentication: Pick<Authentication, 'users' | 'stillThere'>
  readonly rules: AccessRules
  readonly revoker: Revoker
  /** Each connector names the OAuth server that authorizes its credentials. */
  readonly connectors: Connectors
  /** The address to which the OAuth server sends browsers back, as registered with every OAuth app. */
  readonly redirectUri: string
  readonly publicUrl: string
  readonly clock: Clock
  readonly log: Logger
  /** Called with the result of each authorization that came back from Close, in the unit of work that saves it. */
  readonly onResult?: (
    authorization: Pick<AuthorizationRow, 'credentialId' | 'userId' | 'ownerId'>,
    result: ErrorCode | 'ok',
  ) => Promise<void>
}

export async function appOf(
  { vault }: Pick<AuthorizationParts, 'vault'>,
  row: CredentialRow,
): Promise<OAuthApp> {
  const secret = await vault.open(placeOfRow(row), row.sealed, 'clientSecret')
  return { clientId: row.values['clientId'] ?? '', clientSecret: secret.reveal() }
}

/** The place for which the PKCE verifier of an authorization is sealed. */
export function verifierPlace(stateHash: string) {
  return { table: 'authorizations', rowId: stateHash, version: 1 }
}
