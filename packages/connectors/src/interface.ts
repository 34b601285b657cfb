import type { CloseClock as Clock } from '@latchwork/close'
import type { CheckResult, ConnectorDefinition, Identity } from '@latchwork/contract'
import type { Config } from './json.ts'
import type { Selection, Source } from './reading.ts'
import type {
  Dataset,
  Destination,
  DestinationOptions,
  FoundRecords,
  PlannedPreview,
  StreamPlan,
} from './writing.ts'

export type * from './json.ts'
export type * from './ledger.ts'
export type * from './reading.ts'
export type * from './writing.ts'
export type { Clock }

/** The parts of one use of a connector. Its factory has the parts that it always needs. */
export interface ConnectorContext {
  readonly signal: AbortSignal
  /** Absolute path of the folder with the file that `fileField` names, where it is not the connector's own. */
  readonly folder?: string
  /** Takes a sentence about the present activity, e.g. "Close asks us to wait 12 s."; null when nothing is worth saying. */
  readonly activity?: (sentence: string | null) => void
  /** Who asks, for a fair division of what the system takes: `flow:` and its id, `checks`; left out for the page. */
  readonly consumer?: string
}

/** A credential as a connector may use it. Its secrets are asked for one by one, when they are needed. */
export interface CredentialAccess {
  readonly id: string
  readonly method: string
  /** The organization pinned at the first check; null before it. */
  readonly organizationId: string | null
  /** The fields that are not secret. */
  readonly values: Readonly<Record<string, string>>
  /** A secret field's plaintext. @throws LatchworkError `secret_unreadable` */
  secret(field: string): Promise<string>
  /** OAuth: an access token that works, refreshed when it is about to expire. @throws LatchworkError `grant_rejected`, `lost_rotation`, `unreachable` */
  accessToken(): Promise<string>
  /**
   * The other system refused this secret or access token (a 401). Answers true if another one is at hand, so that the
   * call may be repeated once: it was replaced meanwhile, or, for OAuth, a forced refresh brought a new one. Otherwise
   * marks the credential failed.
   * @param reason why it has failed; left out: its key is not, or no longer, accepted
   */
  rejected(refused: string, reason?: 'login_rejected'): Promise<boolean>
  /**
   * Names what the system counts requests by, without being it: the same for two credentials with one secret. Left out:
   * the id of the credential.
   */
  bucket?(): Promise<string>
  /**
   * Secrets that the system knows besides those handed out here: those of its OAuth app, those being checked. They are
   * looked for in what it answers.
   */
  otherSecrets?(): Promise<readonly string[]>
}

/**
 * A system's OAuth 2.0 server. It is the connector's own and never a credential's, so that an app's secret and a refresh
 * token go to one place whatever stands in a row of the database.
 */
export interface OAuthServer {
  /** What `iss` of a callback must be, where it is sent. @see RFC 9207 section 2.4 */
  readonly issuer: string
  /** The page on which a person grants access. */
  readonly authorizeUrl: string
  readonly tokenUrl: string
  /** Where a grant is ended; left out where the system has no such endpoint. @see RFC 7009 */
  readonly revokeUrl?: string
  /** How an app sends its id and secret: in the form, or by HTTP Basic. @see RFC 6749 section 2.3.1 */
  readonly clientAuthentication: 'form' | 'basic'
  /** The field of a token answer that names the organization which the person chose; left out where there is none. */
  readonly organizationField?: string
  /** What a person does in the system to end a grant by hand, as a sentence. */
  readonly endByHand: string
}

/** A table or a file, as far as it is known without its system. Two are one if place and name are equal. */
export interface WrittenThing {
  readonly kind: 'table' | 'file'
  /** A database with its schema; empty for the folder of files. */
  readonly place: string
  readonly name: string
}

/** A kind of outside system. To add one, add a folder with its factory and a line in `server/src/app/connectors.ts`. */
export interface Connector {
  readonly definition: ConnectorDefinition
  /** Needed by every connector with a method that is authorized by OAuth. */
  readonly oauth?: OAuthServer
  /** The field of a source or destination that names a file. */
  readonly fileField?: string
  /** The origin that all secrets are sent to, if a setting of the server decides it and not the credential's own fields. */
  readonly secretsGoTo?: string
  /** The host that a credential with these values is sent to. */
  host?(values: Config): string
  /**
   * Asks the system whom the credential acts for. Never throws for an outcome: `failed` when the system
   * refuses the credential, `unverified` when it can't be reached.
   */
  check?(credential: CredentialAccess, context: ConnectorContext): Promise<CheckResult>
  /**
   * Asks whom the credential acts for, before its secret is used for anything else. Needed by every connector that has
   * credentials.
   * @throws LatchworkError as reading does
   */
  identify?(credential: CredentialAccess, context: ConnectorContext): Promise<Identity>
  /**
   * Faults in a credential's fields beyond what their definitions say: field name to the rest of a sentence.
   * @param values without secrets, as `readFields` gives them
   */
  validateCredential?(method: string, values: Config): Record<string, string>
  /** As `validateCredential`, of a source's fields. */
  validateSource?(values: Config): Record<string, string>
  /** As `validateCredential`, of the parameters of a stream. */
  validateParameters?(stream: string, values: Config): Record<string, string>
  validateDestination?(values: Config): Record<string, string>
  /**
   * Whether a destination's form names what only some accounts have, as a custom field: then the account is asked for it
   * before the form is saved, and before another account takes its place. Left out where no form does.
   */
  namesOwn?(values: Config): boolean
  /** What a source with these fields reads. Needed by every connector with sources. */
  selectionsOf?(config: Config): readonly Selection[]
  openSource?(config: Config, credential: CredentialAccess | null, context: ConnectorContext): Promise<Source>
  openDestination?(
    config: Config,
    credential: CredentialAccess | null,
    context: ConnectorContext,
    options: DestinationOptions,
  ): Promise<Destination>
  /**
   * What a stream would be written to, found without asking the system. Left out where two flows that write one thing do
   * not get in each other's way.
   * @param values of the credential, without secrets
   * @throws LatchworkError `invalid_input` for a name that does not fit
   */
  writesTo?(config: Config, values: Config, stream: Pick<StreamPlan, 'stream' | 'target'>): WrittenThing
  /** Previews a write of these records; writes nothing. */
  preview?(
    config: Config,
    credential: CredentialAccess | null,
    context: ConnectorContext,
    dataset: Dataset,
  ): Promise<PlannedPreview>
  /**
   * Looks in the destination for what may be this record, by the values that it would be created with. Needed by every
   * connector whose creates can be in doubt.
   * @param dataset its one record
   * @throws LatchworkError `record_not_in_doubt` for one that would not be created, and as `preview`
   */
  findCreated?(
    config: Config,
    credential: CredentialAccess | null,
    context: ConnectorContext,
    dataset: Dataset,
  ): Promise<FoundRecords>
}
