import type { ColumnType, Insertable, Selectable } from 'kysely'

/* Credentials and who sees them; see tables.ts. */

/** Zero for "never": a column that is sorted by may not be null. */
type MsOrZero = ColumnType<number, number | undefined, number>

export interface CredentialTable {
  id: string
  connector: string
  method: string
  ownerId: string
  name: string
  nameKey: string
  description: string
  tags: string
  status: string
  reasonCode: string | null
  reasonMessage: string | null
  statusAt: number
  identity: string | null
  fieldValues: string
  sealed: string
  secretVersion: number
  grantedScope: string | null
  accessTokenExpiresAt: number | null
  generation: ColumnType<number, number | undefined, number>
  intentGeneration: ColumnType<number | null, never, number | null>
  intentAt: ColumnType<number | null, never, number | null>
  intentRequests: ColumnType<number, never, number>
  leaseOwner: ColumnType<string | null, never, string | null>
  leaseExpiresAt: ColumnType<number | null, never, number | null>
  draftExpiresAt: number | null
  searchName: string
  searchDescription: string
  searchAccount: string
  searchTags: string
  createdAt: number
  updatedAt: number
  lastUsedAt: MsOrZero
  deletedAt: ColumnType<number | null, never, number | null>
  /** 0: not planned yet. */
  nextCheckAt: MsOrZero
  keyNote: ColumnType<string | null, string | null | undefined, string | null>
  /** JSON. */
  permissions: ColumnType<string | null, string | null | undefined, string | null>
  /** When the present secret came into use; 0: with the credential. */
  secretSince: MsOrZero
  /** Out of `fieldValues`, by the database. */
  clientId: ColumnType<string | null, never, never>
  /** Who asked from a terminal that it be authorized, and when. */
  askedBy: ColumnType<string | null, never, string | null>
  askedAt: ColumnType<number | null, never, number | null>
  askedRefusal: ColumnType<string | null, never, string | null>
  /** The `statusAt` that health has seen; 0: none. */
  observedAt: MsOrZero
}

/** Who sees a saved credential; kept by the database's triggers. */
export interface CredentialViewerTable {
  credentialId: ColumnType<string, never, never>
  viewerId: ColumnType<string, never, never>
  nameKey: ColumnType<string, never, never>
  status: ColumnType<string, never, never>
  connector: ColumnType<string, never, never>
  method: ColumnType<string, never, never>
  updatedAt: ColumnType<number, never, never>
}

export interface PreviousTable {
  credentialId: string
  method: string
  fieldValues: string
  sealed: string
  version: number
  identity: string | null
  grantedScope: string | null
  accessTokenExpiresAt: number | null
  suffix: string | null
  keyNote: string | null
  /** Null of what was put aside before this was noted. */
  usedSince: number | null
  lastUsedAt: number | null
  replacedAt: number
  undoUntil: number
  endsAt: number
  replacedBy: string | null
}

export type CredentialRecord = Selectable<CredentialTable>
export type CredentialInsert = Insertable<CredentialTable>
