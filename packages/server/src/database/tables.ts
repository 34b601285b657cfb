import { alertKinds } from '@latchwork/contract'
import type { ColumnType } from 'kysely'
import { z } from 'zod'
import type { AuditEntryTable, AuditHeadTable, AuditPendingTable } from './audit-tables.ts'
import type { BudgetUseTable, SharedBudgetTable } from './budget-tables.ts'
import { codec, type TableOf } from './codec.ts'
import { nullable, number, oneOf, text, time } from './columns.ts'
import type {
  AuthorizationTable,
  CredentialTable,
  CredentialViewerTable,
  PreviousTable,
} from './credential-tables.ts'
import type {
  FileTable,
  FlowTable,
  LedgerTable,
  RunTable,
  RunUseTable,
  SideFileTable,
  SideTable,
} from './flow-tables.ts'
import type {
  AttemptTable,
  AuthTime,
  DeviceTable,
  GrantTable,
  InvitationTable,
  MemberUseTable,
  member,
  PasskeyChallengeTable,
  PasskeyTable,
  PasswordResetTable,
  SessionTable,
  TokenTable,
} from './identity-tables.ts'
import type {
  PassCallTable,
  PassHourTable,
  PassTable,
  PassWindowTable,
  PassWriteTable,
} from './pass-tables.ts'
import type {
  LastRecordTable,
  QuarantineTable,
  RefusedRecordTable,
  RunKeyTable,
  RunSampleTable,
} from './record-tables.ts'
import type { FlowColumnTable, FlowStreamTable, RunEventTable, RunStreamTable } from './stream-tables.ts'

/*
 * The tables as Kysely sees them; in the database the names are snake_case. Times are milliseconds since 1970, documents
 * are JSON text, and `search…` and `sortName` are folded copies (see folding.ts). Both databases have the same columns.
 */

export interface MetadataTable {
  name: string
  value: string
}

/** SQLite only: on PostgreSQL pg-boss has the jobs. */
export interface JobTable {
  id: string
  name: string
  payload: string
  jobKey: string | null
  /** How often it was started. */
  attempts: ColumnType<number, never, number>
  dueAt: number
  leaseOwner: ColumnType<string | null, never, string | null>
  leaseExpiresAt: ColumnType<number | null, never, number | null>
}

export interface CredentialCheckTable {
  credentialId: string
  observedAt: number
  secretVersion: number
  status: string
  reasonCode: string | null
  streak: number
}

export interface CheckDayTable {
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

export const alert = codec('alerts', {
  fixed: {
    id: text,
    kind: oneOf(z.enum(alertKinds)),
    credentialId: nullable(text),
    /** Empty: for the administrators. */
    ownerId: text,
    code: nullable(text),
    title: text,
    message: text,
  },
  given: {},
  /** The flow, or the pass, that it is about. */
  optional: { flowId: nullable(text), passId: nullable(text) },
  own: { createdAt: time },
})
export interface AlertTable extends TableOf<typeof alert> {
  sentAt: ColumnType<number | null, never, number | null>
  /** The order in which they came. */
  raised: ColumnType<number, number, never>
}

/** A master key as the database knows it. */
export const masterKey = codec('master_keys', {
  fixed: { id: text, source: text },
  given: {},
  optional: {},
  own: { firstSeenAt: time, operations: number, retiredAt: nullable(time) },
})

// An alias: Kysely wants a type with an implicit index signature.
export type Tables = {
  credentials: CredentialTable
  credentialViewers: CredentialViewerTable
  authorizations: AuthorizationTable
  sides: SideTable
  flows: FlowTable
  runs: RunTable
  runKeys: RunKeyTable
  lastRecords: LastRecordTable
  refusedRecords: RefusedRecordTable
  runSamples: RunSampleTable
  quarantine: QuarantineTable
  ledger: LedgerTable
  flowStreams: FlowStreamTable
  flowColumns: FlowColumnTable
  passes: PassTable
  passCalls: PassCallTable
  passWrites: PassWriteTable
  passHours: PassHourTable
  passWindows: PassWindowTable
  apiTokens: TokenTable
  deviceSignIns: DeviceTable
  signInAttempts: AttemptTable
  sessions: SessionTable
  passkeys: PasskeyTable
  passkeyChallenges: PasskeyChallengeTable
  passwordResets: PasswordResetTable
  metadata: MetadataTable
  previousSecrets: PreviousTable
  credentialChecks: CredentialCheckTable
  checkDays: CheckDayTable
  alertConditions: AlertConditionTable
  alerts: AlertTable
  masterKeys: TableOf<typeof masterKey>
  jobs: JobTable
  files: FileTable
  sideFiles: SideFileTable
  memberUses: MemberUseTable
  resourceGrants: GrantTable
  invitations: InvitationTable
  auditEntries: AuditEntryTable
  auditHead: AuditHeadTable
  auditPending: AuditPendingTable
  runEvents: RunEventTable
  runStreams: RunStreamTable
  runUses: RunUseTable
  sharedBudgets: SharedBudgetTable
  budgetUses: BudgetUseTable
}

/** The tables of better-auth, in its own spelling. Its sessions are not here: the session store has them. */
export interface AuthTables {
  user: TableOf<typeof member> & {
    emailVerified: boolean | number
    image: string | null
    updatedAt: AuthTime
  }
  /** better-auth's `account`: a way to sign in. Only passwords are. */
  passwords: {
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
