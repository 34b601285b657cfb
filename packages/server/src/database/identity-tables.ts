import type { ColumnType } from 'kysely'

/* Members, their sign-ins and their rights, as Kysely sees them: see tables.ts. */

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

/** A try to sign in, until its time is over. */
export interface AttemptTable {
  id: string
  keyHash: string
  endsAt: number
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
