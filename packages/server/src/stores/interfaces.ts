import type {
  CredentialListQuery,
  CredentialStatus,
  FlowListQuery,
  Identity,
  RunFacts,
  RunStatus,
} from '@latchwork/contract'
import type { SealedRow } from '@latchwork/vault'
import type { AccessStore, MemberStore, Viewer } from './access-interface.ts'
import type { AuditStore } from './audit-interface.ts'
import type { DeviceStore } from './devices-interface.ts'
import type { FileStore } from './files-interface.ts'
import type { KeyStore } from './key-interface.ts'
import type { PageOf, PageQuery } from './paging.ts'
import type { RecordStore, SealedRefused } from './records-interface.ts'
import type { ShareStore } from './shares-interface.ts'
import type { PasskeyStore, PasswordResetStore, SessionStore } from './sign-in-interface.ts'

/*
 * What the server keeps. One contract suite (test/stores) holds SQLite and PostgreSQL to the same behaviour.
 * Times are ISO 8601 in UTC. Methods that decide ownership use the database's clock, never the caller's.
 */

export interface CredentialRow {
  readonly id: string
  readonly connector: string
  readonly method: string
  readonly ownerId: string
  readonly name: string
  readonly description: string
  readonly tags: readonly string[]
  readonly status: CredentialStatus
  readonly reasonCode: string | null
  readonly reasonMessage: string | null
  readonly statusAt: string
  readonly identity: Identity | null
  /** Fields that are not secret. */
  readonly values: Readonly<Record<string, string>>
  /** Sealed secrets: the fields of the form and, for OAuth, `accessToken` and `refreshToken`. */
  readonly sealed: SealedRow
  /** Bound into the sealed fields; grows with every change of a secret, refreshes included. */
  readonly secretVersion: number
  readonly grantedScope: string | null
  readonly accessTokenExpiresAt: string | null
  /** Grows with each saved pair of tokens. */
  readonly generation: number
  /** Set while a token request is or may be under way: the generation that it spends. */
  readonly intentGeneration: number | null
  readonly intentAt: string | null
  /** Requests that spend it and whose answers are not known: 0 without an intent, never more than 2. */
  readonly intentRequests: number
  readonly leaseOwner: string | null
  readonly leaseExpiresAt: string | null
  /** Drafts only: when the clean-up may take it. */
  readonly draftExpiresAt: string | null
  readonly createdAt: string
  readonly updatedAt: string
  readonly lastUsedAt: string | null
  readonly deletedAt: string | null
  /** What tells the key apart in the other system, in the words of whoever added it. */
  readonly keyNote: string | null
  /** When the present secret came into use. A refresh doesn't count. */
  readonly secretSince: string
  /** Who asked from a terminal, and when, that it be authorized in a browser. */
  readonly askedBy: string | null
  readonly askedAt: string | null
  /** The code by which what was asked for was refused at its end; null: it was not. */
  readonly askedRefusal: string | null
  /** What the account could do at the last check, if the other system told. */
  readonly permissions: readonly string[] | null
}

export type NewCredential = Omit<
  CredentialRow,
  | 'keyNote'
  | 'secretSince'
  | 'askedBy'
  | 'askedAt'
  | 'askedRefusal'
  | 'permissions'
  | 'generation'
  | 'intentGeneration'
  | 'intentAt'
  | 'intentRequests'
  | 'leaseOwner'
  | 'leaseExpiresAt'
  | 'createdAt'
  | 'updatedAt'
  | 'lastUsedAt'
  | 'deletedAt'
> & { readonly permissions?: readonly string[] | null }

export type CredentialChange = Partial<
  Pick<
    CredentialRow,
    | 'method'
    | 'name'
    | 'description'
    | 'tags'
    | 'status'
    | 'reasonCode'
    | 'reasonMessage'
    | 'statusAt'
    | 'identity'
    | 'values'
    | 'sealed'
    | 'secretVersion'
    | 'grantedScope'
    | 'accessTokenExpiresAt'
    | 'generation'
    | 'draftExpiresAt'
    | 'lastUsedAt'
    | 'deletedAt'
    | 'keyNote'
    | 'secretSince'
    | 'askedBy'
    | 'askedAt'
    | 'askedRefusal'
    | 'permissions'
  >
>

/** A new pair of tokens, sealed for `secretVersion`. */
export interface TokenPair {
  readonly sealed: SealedRow
  readonly secretVersion: number
  readonly grantedScope: string | null
  readonly accessTokenExpiresAt: string
}

/** What a credential is used for: by a run, or by the person whose request is under way. */
export interface CredentialUse {
  readonly direction: 'read' | 'write'
  readonly by: { readonly run: string } | { readonly request: 'sample' | 'preview' }
}

export interface CredentialStore {
  /** @throws LatchworkError `name_taken` (names are unique among an owner's saved credentials, case-insensitively), `share_full` for one draft too many */
  insert(row: NewCredential): Promise<CredentialRow>
  /** Without deleted ones. */
  find(id: string): Promise<CredentialRow | null>
  /** Saved ones (no drafts) that the person may use. Cost does not grow with the number stored: keyset pages, indexed. */
  list(query: CredentialListQuery, viewer?: Viewer): Promise<PageOf<CredentialRow>>
  /**
   * One step. With `expectedVersion` nothing is written unless the secret version still is that one; answers null then.
   * A change of `generation` also clears lease and intent: a new grant makes a refresh of the old one void. A status
   * that comes without a new secret does not overwrite the end of a grant: null, and nothing is written.
   * @throws LatchworkError `name_taken`, and with `deletedAt` `credential_in_use` with the sources and destinations as blockers
   */
  update(id: string, change: CredentialChange, expectedVersion?: number): Promise<CredentialRow | null>
  /** Notes the time of a use. @param use what it was for, to be written down */
  touch(id: string, use?: CredentialUse): Promise<void>
  /** Erases drafts past their time and answers their rows, so that their tokens can be revoked. */
  takeExpiredDrafts(limit: number): Promise<CredentialRow[]>
  /** Erases those deleted at least `afterMs` ago for good; answers how many. */
  eraseDeleted(afterMs: number): Promise<number>
  /** Erases one for good, whatever its state. */
  erase(id: string): Promise<void>

  /** Takes or renews the lease by the database's clock; null if another owner holds it. Answers the row as it then is. */
  acquireLease(id: string, owner: string, ttlMs: number): Promise<CredentialRow | null>
  /**
   * Commits the intent to spend `generation`, once more than before. False unless owner holds the lease and the generation
   * still is that one; false as well if it was spent twice without a known answer: one retry is all that there is.
   */
  recordIntent(id: string, owner: string, generation: number): Promise<boolean>
  /**
   * Both tokens, expiry, generation + 1, intent and lease cleared, in one statement guarded by the generation, and by the
   * pair's secret version being newer than the stored one. False: nothing was written. Then read the row: if its
   * generation still is that one, another secret was changed meanwhile; seal the pair into the row as it now is, for its
   * version + 1, and save again. Otherwise a newer pair is there. A grant that had been given up for this generation is
   * unverified again.
   */
  saveTokens(id: string, generation: number, pair: TokenPair): Promise<boolean>
  /** Clears the lease, and takes the last intent back if `notSpent` (nothing was sent, or the answer says that nothing was done). */
  releaseLease(id: string, owner: string, notSpent: boolean): Promise<void>
  /**
   * Marks failed and clears lease and intent, guarded by the generation: a newer pair wins. With an owner, only while it
   * holds the lease: whoever took it over decides. A grant whose end is known keeps its reason. Of a refused app the
   * last intent alone is taken back: what was in doubt before is in doubt still.
   */
  failGrant(
    id: string,
    generation: number,
    reasonCode: string,
    reasonMessage: string,
    owner?: string,
  ): Promise<boolean>
  /** Credentials whose access token ends before `before`, soonest first, behind the one given: for refreshing ahead. */
  expiring(before: string, limit: number, behind?: ExpiringToken): Promise<ExpiringToken[]>
}

export interface ExpiringToken {
  readonly id: string
  readonly expiresAt: string
}

/** One three-legged authorization under way. */
export interface AuthorizationRow {
  /** SHA-256 of `state`, hex. */
  readonly stateHash: string
  readonly credentialId: string
  readonly userId: string
  /** The session or API token that began it: see `Caller`. */
  readonly begunBy: string
  /** Whose credential it was, and whoever began it knew it to be. */
  readonly ownerId: string
  /** SHA-256 of the browser's binding cookie, hex. */
  readonly browserHash: string
  readonly sealedVerifier: SealedRow
  readonly returnTo: string
  readonly display: 'popup' | 'page'
  readonly confirmIdentityChange: boolean
  readonly expiresAt: string
}
export interface AuthorizationStore {
  insert(row: AuthorizationRow): Promise<void>
  /** Answers the row and erases it in one step: of two callers with the same state one gets null. Null for an expired one. */
  take(stateHash: string): Promise<AuthorizationRow | null>
  eraseExpired(): Promise<void>
}

export type EndKind = 'source' | 'destination'
export interface EndRow {
  readonly id: string
  readonly kind: EndKind
  readonly connector: string
  readonly credentialId: string | null
  readonly ownerId: string
  readonly name: string
  readonly description: string
  readonly config: Readonly<Record<string, string>>
  readonly createdAt: string
  readonly updatedAt: string
  readonly lastUsedAt: string | null
}
export interface EndView extends EndRow {
  /** Null also for one that was deleted. */
  readonly credentialName: string | null
  readonly flowCount: number
}
export interface EndStore {
  /** @throws LatchworkError `credential_not_found`, and like `update` `name_taken`: unique among an owner's sources, or destinations */
  insert(row: Omit<EndRow, 'createdAt' | 'updatedAt' | 'lastUsedAt'>): Promise<EndView>
  find(id: string): Promise<EndView | null>
  list(kind: EndKind, query: PageQuery, viewer?: Viewer): Promise<PageOf<EndView>>
  update(
    id: string,
    change: Partial<Pick<EndRow, 'name' | 'description' | 'config' | 'credentialId'>>,
  ): Promise<EndView | null>
  /** @throws LatchworkError `source_in_use` or `destination_in_use` with the flows as blockers */
  erase(id: string): Promise<boolean>
  touch(id: string): Promise<void>
  /** Sources, destinations and flows that use a credential, and whose they are. */
  usage(credentialId: string): Promise<
    {
      kind: 'source' | 'destination' | 'flow'
      id: string
      name: string
      ownerId: string
      lastUsedAt: string | null
    }[]
  >
  usageCounts(credentialIds: readonly string[]): Promise<ReadonlyMap<string, number>>
}

export interface Paused {
  /** A code of the error catalogue, and a sentence that names nothing which not everybody may see. */
  readonly code: string
  readonly message: string
  readonly at: string
}
export interface FlowRow {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly ownerId: string
  readonly sourceId: string
  readonly destinationId: string
  readonly scheduleMinutes: number | null
  readonly nextRunAt: string | null
  /** Why it does not run. Null: it does. */
  readonly paused: Paused | null
  readonly createdAt: string
  readonly updatedAt: string
}
export interface FlowView extends FlowRow {
  readonly source: { id: string; name: string; connector: string }
  readonly destination: { id: string; name: string; connector: string }
  readonly lastRun: RunFacts | null
}
export interface FlowStore {
  /** @throws LatchworkError `source_not_found`, `destination_not_found` */
  insert(row: Omit<FlowRow, 'paused' | 'createdAt' | 'updatedAt'>): Promise<FlowView>
  find(id: string): Promise<FlowView | null>
  list(query: FlowListQuery, viewer?: Viewer): Promise<PageOf<FlowView>>
  update(
    id: string,
    change: Partial<Pick<FlowRow, 'name' | 'description' | 'scheduleMinutes' | 'nextRunAt'>> & {
      readonly paused?: null
    },
  ): Promise<FlowView | null>
  /** With its runs. @throws LatchworkError `run_active` */
  erase(id: string): Promise<boolean>
  /** Flows whose next run is due; moves `nextRunAt` on by the schedule in the same statement, so that one caller gets each. */
  takeDue(limit: number): Promise<FlowRow[]>
}

export interface RunProgress {
  readonly recordsRead: number
  readonly recordsWritten: number
  readonly recordsRefused: number
  readonly pages: number
  /** Source position and destination state after the last acknowledged page. */
  readonly checkpoint: unknown
}
export interface RunRow extends RunFacts {
  readonly checkpoint: unknown
  /** Whom it reads and writes as. Null until a credential of that side was used, and after its end. */
  readonly accounts: Readonly<Record<EndKind, Identity | null>>
}
/** How often a run used a credential, and whether to read or to write. */
export interface RunUse {
  readonly credentialId: string
  readonly direction: 'read' | 'write'
  readonly count: number
}

export interface RunStore {
  /** @throws LatchworkError `run_active` if the flow has a run that is queued or running, `flow_not_found` */
  insert(run: { id: string; flowId: string; startedBy: string | null }): Promise<RunRow>
  find(id: string): Promise<RunRow | null>
  list(
    query: PageQuery & { flowId?: string | undefined; status?: RunStatus | undefined },
    viewer?: Viewer,
  ): Promise<PageOf<RunFacts>>
  /**
   * queued or running → running; counts a resume if it was running. Null if it has finished.
   * @param most runs of one member's flows that may be under way at once, the oldest first. One that is running already
   * goes on in any case.
   * @throws LatchworkError `share_exceeded` if this one has to wait
   */
  start(id: string, most?: number): Promise<RunRow | null>
  /** Runs that have not finished, and how many of the same owner's come before each. @param ownerId null: of everybody */
  line(ownerId: string | null): Promise<{ id: string; status: 'queued' | 'running'; before: number }[]>
  /**
   * Progress, refused records and the last records, in one transaction. Answers whether a cancellation was asked for.
   * @param lastRecords sealed; null: as they are
   */
  saveProgress(
    id: string,
    progress: RunProgress,
    refused: readonly SealedRefused[],
    lastRecords: string | null,
  ): Promise<{ cancelling: boolean }>
  setActivity(id: string, activity: string | null, expected?: number): Promise<void>
  requestCancel(id: string): Promise<RunRow | null>
  /** Has a run read or write as this account and no other. Answers the account that it is held to: the first one. */
  holdAccount(id: string, kind: EndKind, account: Identity): Promise<Identity>
  /** Counts a use of a credential by a run. */
  noteUse(runId: string, credentialId: string, direction: RunUse['direction']): Promise<void>
  /** What was counted of a run, reading first; it is forgotten. */
  takeUses(runId: string): Promise<RunUse[]>
  /** Guarded: only a run that has not finished. */
  finish(
    id: string,
    status: 'succeeded' | 'failed' | 'cancelled',
    error: { code: string; message: string } | null,
    output: { file: string; fileId?: string; bytes: number } | null,
  ): Promise<boolean>
  ledgerBegin(runId: string, keys: readonly string[]): Promise<void>
  ledgerSettle(runId: string, key: string, outcome: string | null): Promise<void>
  ledgerLook(
    runId: string,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, { at: number; outcome: string | null | undefined }>>
}

export interface TokenRow {
  readonly id: string
  readonly userId: string
  readonly name: string
  /** SHA-256 of the token, hex. */
  readonly hash: string
  readonly suffix: string
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
  /** The machine of the terminal that was signed in with it; null: made for a program. */
  readonly terminal: string | null
  /** From where it was used last; null: not noted. */
  readonly address: string | null
}
export interface TokenStore {
  /** @throws LatchworkError `share_full` */
  insert(
    row: Omit<TokenRow, 'createdAt' | 'lastUsedAt' | 'address' | 'terminal'> &
      Partial<Pick<TokenRow, 'terminal'>>,
  ): Promise<TokenRow>
  /** Not expired by the database's clock. */
  findByHash(hash: string): Promise<TokenRow | null>
  list(userId: string): Promise<TokenRow[]>
  erase(id: string, userId: string): Promise<boolean>
  /** Ends those of a user's terminals but one, or with null all; answers how many. */
  eraseTerminals(userId: string, exceptId: string | null): Promise<number>
  touch(id: string, address: string): Promise<void>
}

/** Small facts of the installation: the key's sentinel, the set-up token's hash. */
export interface FactStore {
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  /** Sets it unless it is there; answers what then stands. */
  setOnce(name: string, value: string): Promise<string>
  erase(name: string): Promise<void>
  /** Erases it if it has this value; of several at once one is answered true. */
  take(name: string, value: string): Promise<boolean>
}

export interface Stores {
  readonly kind: 'sqlite' | 'postgres'
  readonly credentials: CredentialStore
  readonly authorizations: AuthorizationStore
  readonly ends: EndStore
  readonly flows: FlowStore
  readonly runs: RunStore
  readonly records: RecordStore
  readonly tokens: TokenStore
  readonly devices: DeviceStore
  readonly sessions: SessionStore
  readonly passkeys: PasskeyStore
  readonly passwordResets: PasswordResetStore
  readonly facts: FactStore
  readonly audit: AuditStore
  readonly access: AccessStore
  readonly members: MemberStore
  readonly files: FileStore
  readonly shares: ShareStore
  readonly keys: KeyStore
  /** The database's own clock. */
  now(): Promise<Date>
  ping(): Promise<void>
  close(): Promise<void>
}
