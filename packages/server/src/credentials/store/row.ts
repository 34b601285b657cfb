import { credentialPatchSchema } from '@latchwork/contract'
import type { SealedRow } from '@latchwork/vault'
import type { ChangeOf, NewOf, RowOf } from '../../database/codec.ts'
import { type CredentialRecord, credential } from '../../database/credential-tables.ts'

export type CredentialRow = RowOf<typeof credential>
export type NewCredential = NewOf<typeof credential>
export type CredentialChange = ChangeOf<typeof credential>

/** A new pair of tokens, sealed for `secretVersion`. */
export interface TokenPair {
  readonly sealed: SealedRow
  readonly secretVersion: number
  readonly grantedScope: string | null
  readonly accessTokenExpiresAt: number
}

export interface ExpiringToken {
  readonly id: string
  readonly expiresAt: number
}

export function toRow(record: CredentialRecord): CredentialRow {
  const row = credential.toRow(record)
  return row.secretSince === 0 ? { ...row, secretSince: row.createdAt } : row
}

export const noRefreshUnderWay = {
  intentGeneration: null,
  intentAt: null,
  intentRequests: 0,
  leaseOwner: null,
  leaseExpiresAt: null,
} as const

/** A new pair of tokens makes a refresh of the old pair void. */
export function changeToColumns(change: CredentialChange) {
  const columns = credential.toChangedColumns(change)
  return change.generation === undefined ? columns : { ...columns, ...noRefreshUnderWay }
}

const content: ReadonlySet<string> = new Set<keyof CredentialChange>([
  ...credentialPatchSchema.omit({ was: true }).keyof().options,
  'method',
  'secretVersion',
  'draftExpiresAt',
])

/** Whether a person changed something; false for what a check or a use writes. */
export function touchesContent(change: CredentialChange): boolean {
  return Object.entries(change).some(([name, value]) => value !== undefined && content.has(name))
}
