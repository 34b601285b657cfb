import type { CloseClock as Clock } from '@latchwork/close'
import type {
  CheckResult,
  Column,
  ConnectorDefinition,
  DataRecord,
  Identity,
  Preview,
  RunNotice,
} from '@latchwork/contract'
import type { Ledger } from './ledger.ts'

export type * from './ledger.ts'
export type { Clock }

/** JSON as it stands in a checkpoint. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** The parts of one use of a connector. Its factory has the parts that it always needs. */
export interface ConnectorContext {
  readonly signal: AbortSignal
  /** Absolute path of the folder with the file that `fileField` names, where it is not the connector's own. */
  readonly folder?: string
  /** Takes a sentence about the present activity, e.g. "Close asks us to wait 12 s."; null when nothing is worth saying. */
  readonly activity?: (sentence: string | null) => void
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
   */
  rejected(refused: string): Promise<boolean>
  /**
   * Secrets that the system knows besides those handed out here: those of its OAuth app, those being checked. They are
   * looked for in what it answers.
   */
  otherSecrets?(): Promise<readonly string[]>
}

export interface SourceReader {
  readonly columns: readonly Column[]
  /** The column that identifies records; null if records have none. */
  readonly key: string | null
  /** Whether reading again from a position yields the same records in the same order. */
  readonly ordered: boolean
  /** What was found out about how to read them, as sentences for a person who looks at a sample. */
  readonly notes?: readonly string[]
  /** How many records there are, if the system tells cheaply; refused ones are counted as well. */
  count(): Promise<number | null>
  /**
   * Pages after `position` (from the start if null). Each carries the position after it, and no page is empty.
   * Ends early only by throwing: the end of the iteration says that everything was read.
   */
  pages(position: Json | null): AsyncIterable<SourcePage>
  /** Releases connections and handles; always called last. */
  close(): Promise<void>
}

export interface SourcePage {
  readonly records: readonly DataRecord[]
  /** Records that can't be read as what they should be. They stood among the others; a page may hold nothing else. */
  readonly refused?: readonly UnreadRecord[]
  /** What was not read, or not as it should be, that a person should know; left out if nothing. */
  readonly notices?: readonly WriteNotice[]
  readonly position: Json
  /** Where each stands in its file: the row as a spreadsheet counts, or the line. Left out where nobody counts. */
  readonly rows?: readonly number[]
  /** What is known of each from the run that refused it; left out unless the records are replayed. */
  readonly replayed?: readonly ReplayedRecord[]
}

/** A refused record that is written again. */
export interface ReplayedRecord {
  /** What tells it apart from all others over many runs. */
  readonly id: string
  /** Its entry in the ledger, if it was refused because nobody could tell whether it was created; else null. */
  readonly entry: string | null
}

/** A record that the source itself refuses: a row of a file with too few columns. */
export interface UnreadRecord {
  /** What could be made of it. */
  readonly record: DataRecord
  /** Its row as a spreadsheet counts: a header is row 1. Null where there are no rows. */
  readonly row: number | null
  /** A code of the error catalogue. */
  readonly code: string
  /** A sentence that names the row, or the record. */
  readonly message: string
}

export interface RefusedRecord {
  /** Index in the page that was written. */
  readonly index: number
  /** A code of the error catalogue, normally `record_refused` or `record_in_doubt`. */
  readonly code: string
  /** The other system's own words. */
  readonly message: string
  /** Its entry in the ledger, where it is unknown whether it was created: a replay goes on with it. */
  readonly entry?: string
}

export interface WriteResult {
  readonly written: number
  /** Of these, records that repeating the run would make once more; left out where there are none. */
  readonly created?: number
  readonly refused: readonly RefusedRecord[]
  /** What was done to the page's records or their place that a person should know; left out if nothing. */
  readonly notices?: readonly WriteNotice[]
  /** The destination's durable state: handed back to `openDestination` when a run is taken up again. */
  readonly state: Json
  /**
   * What kept the rest of the page from being written, where something did: the numbers are right as far as they go, and
   * the page is written again later.
   */
  readonly interrupted?: unknown
}

/** Something that a run's page should tell. Notices of one code and column are added up. */
export type WriteNotice = Readonly<RunNotice>

export interface DestinationWriter {
  /** The state to go on with, where taking the run up has changed it. */
  readonly state?: Json
  /**
   * Durable when it resolves. Repeating the page after a crash changes nothing.
   * @param replayed tells the records apart in the place of keys and numbers
   */
  write(page: readonly DataRecord[], replayed?: readonly ReplayedRecord[]): Promise<WriteResult>
  /** The run is complete: publishes the result. */
  finish(): Promise<{ file: string; bytes: number } | null>
  /** The run failed or was cancelled: leaves what was there before untouched where the system allows it. */
  abort(): Promise<void>
  /** Releases connections and handles; always called last. */
  close(): Promise<void>
}

/** How much a file may hold. */
export interface FileSpace {
  /** Bytes. */
  readonly most: number
  /** Asked before the result is published. @throws LatchworkError `file_space_full` */
  claim(bytes: number): Promise<void>
}

export interface DestinationOptions {
  readonly runId: string
  /** Raised whenever a process takes the run up: names what this one alone writes. */
  readonly attempt: number
  /** Names what all runs write that go on with one another's work: rows without a key. */
  readonly round: string
  /** Throws once another process has taken the run up; asked before something is put where others see it. */
  hold(): Promise<void>
  readonly columns: readonly Column[]
  readonly key: string | null
  /** As the source's: replayed pages repeat the order, so records without a key can be told apart by their number. */
  readonly ordered: boolean
  /** State of the last acknowledged write, when a run is taken up again; null at its start. */
  readonly resume: Json | null
  readonly ledger: Ledger
  /** Whether another run is under way, here or in another process: its part file is not touched then. */
  isUnderWay(runId: string): Promise<boolean>
  /** For what writes a file; left out where nothing limits it. */
  readonly space?: FileSpace
}

/** The first records of a source, and what a run would be told of it. */
export interface Dataset extends Pick<DestinationOptions, 'columns' | 'key' | 'ordered'> {
  readonly records: readonly DataRecord[]
}

/** What a run would make of a dataset: a row for each of its records, in their order. */
export interface PlannedPreview extends Omit<Preview, 'rows'> {
  readonly rows: Omit<Preview['rows'][number], 'row'>[]
}

/** `sample`: only the first records will be read, so nothing that takes long is worth doing first. */
export type ReadPurpose = 'run' | 'sample'

export type Config = Readonly<Record<string, string>>

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
  validateDestination?(values: Config): Record<string, string>
  openSource?(
    config: Config,
    credential: CredentialAccess | null,
    context: ConnectorContext,
    purpose: ReadPurpose,
  ): Promise<SourceReader>
  openDestination?(
    config: Config,
    credential: CredentialAccess | null,
    context: ConnectorContext,
    options: DestinationOptions,
  ): Promise<DestinationWriter>
  /** Previews a write of these records; writes nothing. */
  preview?(
    config: Config,
    credential: CredentialAccess | null,
    context: ConnectorContext,
    dataset: Dataset,
  ): Promise<PlannedPreview>
}
