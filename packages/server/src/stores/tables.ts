import type { ColumnType } from 'kysely'
import type {
  CredentialTable,
  CredentialTextTable,
  CredentialViewerTable,
  CredentialVocabularyTable,
  CredentialWordTable,
  PreviousTable,
} from './credential-tables.ts'

/*
 * The tables as Kysely sees them; in the database the names are snake_case. Times are milliseconds since 1970, documents
 * are JSON text, and `search…` and `nameKey` are folded copies (see folding.ts). Both databases have the same columns.
 */

export interface AuthorizationTable {
  stateHash: string
  credentialId: string
  userId: string
  /** Of both null never: those from before were erased. */
  begunBy: string | null
  ownerId: string | null
  browserHash: string
  sealedVerifier: string
  returnTo: string
  display: string
  confirmIdentityChange: number
  expiresAt: number
}

/** Sources and destinations. */
export interface EndTable {
  id: string
  kind: string
  connector: string
  credentialId: string | null
  ownerId: string
  name: string
  nameKey: string
  description: string
  config: string
  searchName: string
  searchDescription: string
  createdAt: number
  updatedAt: number
  lastUsedAt: ColumnType<number | null, never, number | null>
}

export interface FlowTable {
  id: string
  name: string
  nameKey: string
  description: string
  ownerId: string
  sourceId: string
  destinationId: string
  scheduleMinutes: number | null
  nextRunAt: number | null
  pausedAt: ColumnType<number | null, never, number | null>
  pausedCode: ColumnType<string | null, never, string | null>
  pausedMessage: ColumnType<string | null, never, string | null>
  searchName: string
  searchDescription: string
  createdAt: number
  updatedAt: number
}

export interface RunTable {
  id: string
  flowId: string
  status: string
  cancelling: ColumnType<number, never, number>
  recordsRead: ColumnType<number, never, number>
  recordsWritten: ColumnType<number, never, number>
  recordsRefused: ColumnType<number, never, number>
  pages: ColumnType<number, never, number>
  recordsExpected: ColumnType<number | null, never, number | null>
  resumes: ColumnType<number, never, number>
  errorCode: ColumnType<string | null, never, string | null>
  errorMessage: ColumnType<string | null, never, string | null>
  activity: ColumnType<string | null, never, string | null>
  outputFile: ColumnType<string | null, never, string | null>
  outputFileId: ColumnType<string | null, never, string | null>
  outputBytes: ColumnType<number | null, never, number | null>
  startedBy: string | null
  /** Until the run ends. */
  sourceAccount: ColumnType<string | null, never, string | null>
  destinationAccount: ColumnType<string | null, never, string | null>
  checkpoint: ColumnType<string | null, never, string | null>
  createdAt: number
  startedAt: ColumnType<number | null, never, number | null>
  finishedAt: ColumnType<number | null, never, number | null>
  /** 1: something is kept of it, see `runKeys`. */
  hasRecords: ColumnType<number, number | undefined, number>
}

/** The key under which everything that is kept of a run is sealed. */
export interface RunKeyTable {
  runId: string
  /** A `SealedRow`. */
  sealed: string
}

/** The columns and the last records of a run, each sealed. */
export interface LastRecordTable {
  runId: string
  columns: string | null
  records: string | null
}

export interface RefusedRecordTable {
  runId: string
  /** 1 for the first record of a run that was refused. */
  position: number
  /** Sealed: the record's key, code and message. */
  reason: string
  /** Sealed. */
  record: string
  at: number
}

/** What was kept in plain text by earlier versions, until it is sealed. */
export interface RunSampleTable {
  runId: string
  columns: string
  records: string
}

/** As `RunSampleTable`. */
export interface QuarantineTable {
  runId: string
  position: number
  recordKey: string | null
  record: string
  code: string
  message: string
  searchText: string
  at: number
}

export interface LedgerTable {
  runId: string
  /** SHA-256 of the record's key, hex: keys have any length and any characters. */
  keyHash: string
  at: number
  settled: number
  outcome: string | null
}

export interface TokenTable {
  id: string
  userId: string
  name: string
  hash: string
  suffix: string
  createdAt: number
  expiresAt: number | null
  lastUsedAt: ColumnType<number | null, never, number | null>
  terminal: string | null
  address: string | null
}

export interface SessionTable {
  keyHash: string
  value: string
  expiresAt: number | null
  /** From here on only a session has values. */
  id: ColumnType<string | null, string | undefined, string>
  userId: ColumnType<string | null, string | undefined, string>
  createdAt: ColumnType<number | null, number | undefined, number>
  lastUsedAt: ColumnType<number | null, number | undefined, number>
  client: ColumnType<string | null, never, string | null>
  address: ColumnType<string | null, never, string | null>
  method: ColumnType<string | null, never, string | null>
  endedAt: ColumnType<number | null, never, number | null>
}

export interface PasskeyTable {
  id: string
  userId: string
  name: string
  credentialId: string
  publicKey: string
  counter: number
  synced: number
  createdAt: number
  lastUsedAt: number | null
}

export interface PasskeyChallengeTable {
  challengeHash: string
  boundTo: string
  expiresAt: number
}

export interface PasswordResetTable {
  userId: string
  tokenHash: string
  madeBy: string | null
  expiresAt: number
}

export interface DeviceTable {
  deviceHash: string
  userHash: string
  deviceName: string
  address: string
  userId: string | null
  decision: string
  intervalSeconds: number
  lastPolledAt: number | null
  createdAt: number
  expiresAt: number
}

export interface AttemptTable {
  keyHash: string
  count: number
  endsAt: number
}

export interface FactTable {
  name: string
  value: string
}

/** SQLite only: on PostgreSQL the jobs are pg-boss's. */
export interface JobTable {
  id: string
  name: string
  payload: string
  jobKey: string | null
  /** How often it was begun. */
  attempts: ColumnType<number, never, number>
  dueAt: number
  leaseOwner: ColumnType<string | null, never, string | null>
  leaseExpiresAt: ColumnType<number | null, never, number | null>
}

export interface FileTable {
  id: string
  /** Empty: the administrators'. */
  ownerId: string
  name: string
  folder: string
  storedName: string
  bytes: number
  createdAt: number
}

/** Which file a source reads, and which one a destination names by its id. */
export interface EndFileTable {
  endId: string
  fileId: string
}

/** What members have under way, or had within the last minute. */
export interface MemberUseTable {
  id: string
  memberId: string
  kind: string
  begunAt: number
  /** When it is over at the latest. */
  endsAt: number
}

/** A role for one thing; the owner's own is not here but with the thing. */
export interface GrantTable {
  resourceId: string
  /** `member` or `everyone`. */
  subjectKind: string
  /** `*` for everyone. */
  subjectId: string
  resourceKind: string
  role: string
  grantedBy: string
  grantedAt: number
}

export interface InvitationTable {
  id: string
  /** In lower case. */
  email: string
  role: string
  tokenHash: string
  invitedBy: string
  createdAt: number
  expiresAt: number
}

export interface AuditEntryTable {
  sequence: number
  at: number
  actorKind: string
  actorId: string | null
  actorName: string
  actorEmail: string | null
  action: string
  /** The action up to its dot. */
  actionKind: string
  objectKind: string | null
  objectId: string | null
  objectName: string | null
  result: string
  reason: string | null
  stateBefore: string | null
  stateAfter: string | null
  address: string | null
  agent: string | null
  requestId: string | null
  hash: string
}

/** One row: where the log ends. */
export interface AuditHeadTable {
  id: number
  sequence: number
  hash: string
  lastAt: number
  /** The number of the first entry of the chain; 0: a log of before entries had keyed hashes. */
  since: number
  accepted: number
  signature: string
}

/** Acts that could not be written down when they were done. */
export interface AuditPendingTable {
  id: string
  at: number
  act: string
  mac: string
}

/** How often a run that has not ended used a credential. */
export interface RunUseTable {
  runId: string
  credentialId: string
  direction: string
  count: number
}

export interface CredentialHealthTable {
  credentialId: string
  observedAt: number
  secretVersion: number
  status: string
  reasonCode: string | null
  streak: number
}

export interface HealthDayTable {
  credentialId: string
  /** `2026-11-23`, UTC. */
  day: string
  worst: string
  reasonCode: string | null
  reasonMessage: string | null
  last: string
}

export interface AlertConditionTable {
  name: string
  since: number
}

export interface AlertTable {
  id: string
  kind: string
  credentialId: string | null
  flowId: ColumnType<string | null, string | null | undefined, string | null>
  ownerId: string
  code: string | null
  title: string
  message: string
  createdAt: number
  sentAt: ColumnType<number | null, never, number | null>
}

// An alias: Kysely wants a type with an implicit index signature.
export type Tables = {
  credentials: CredentialTable
  credentialViewers: CredentialViewerTable
  credentialTexts: CredentialTextTable
  credentialWords: CredentialWordTable
  credentialVocabulary: CredentialVocabularyTable
  authorizations: AuthorizationTable
  ends: EndTable
  flows: FlowTable
  runs: RunTable
  runKeys: RunKeyTable
  lastRecords: LastRecordTable
  refusedRecords: RefusedRecordTable
  runSamples: RunSampleTable
  quarantine: QuarantineTable
  ledger: LedgerTable
  apiTokens: TokenTable
  deviceSignIns: DeviceTable
  signInAttempts: AttemptTable
  sessions: SessionTable
  passkeys: PasskeyTable
  passkeyChallenges: PasskeyChallengeTable
  passwordResets: PasswordResetTable
  facts: FactTable
  previousSecrets: PreviousTable
  credentialHealth: CredentialHealthTable
  healthDays: HealthDayTable
  alertConditions: AlertConditionTable
  alerts: AlertTable
  jobs: JobTable
  files: FileTable
  endFiles: EndFileTable
  memberUses: MemberUseTable
  resourceGrants: GrantTable
  invitations: InvitationTable
  auditEntries: AuditEntryTable
  auditHead: AuditHeadTable
  auditPending: AuditPendingTable
  runUses: RunUseTable
}

/** A time as better-auth stores it: text in SQLite, timestamptz in PostgreSQL. */
type AuthTime = Date | string

/** The tables of better-auth, in its own spelling. Its sessions are not here: they are kept by the session store. */
export interface AuthTables {
  user: {
    id: string
    name: string
    email: string
    emailVerified: boolean | number
    image: string | null
    createdAt: AuthTime
    updatedAt: AuthTime
    role: string
  }
  account: {
    id: string
    accountId: string
    providerId: string
    userId: string
    accessToken: string | null
    refreshToken: string | null
    idToken: string | null
    accessTokenExpiresAt: AuthTime | null
    refreshTokenExpiresAt: AuthTime | null
    scope: string | null
    password: string | null
    createdAt: AuthTime
    updatedAt: AuthTime
  }
  verification: {
    id: string
    identifier: string
    value: string
    expiresAt: AuthTime
    createdAt: AuthTime
    updatedAt: AuthTime
  }
}
