import type { SealedRow } from '@latchwork/vault'
import type { CredentialChange, CredentialRow } from './interfaces.ts'

/** What a credential used before its secret was replaced or its method switched. One a credential: the last. */
export interface PreviousRow
  extends Pick<
    CredentialRow,
    'method' | 'values' | 'identity' | 'grantedScope' | 'accessTokenExpiresAt' | 'keyNote' | 'lastUsedAt'
  > {
  readonly credentialId: string
  /** Sealed for the place of a previous secret, in this version. */
  readonly sealed: SealedRow
  readonly version: number
  readonly suffix: string | null
  /** Since when the credential used it. */
  readonly usedSince: string
  readonly replacedAt: string
  /** Who replaced it; null: not kept. */
  readonly replacedBy: string | null
  readonly undoUntil: string
  /** When it is erased for good; a sign-in is ended at the other system then. */
  readonly endsAt: string
}

export interface Swap {
  readonly id: string
  readonly change: CredentialChange
  /** Nothing is written unless the secret version still is this one. */
  readonly expectedVersion: number
  /** What to put aside in place of what is there; null: nothing stays aside. */
  readonly keep: Omit<PreviousRow, 'replacedAt'> | null
  /** A draft whose tokens move to the credential: erased in the same commit, if it still is of this version. */
  readonly draft?: { readonly id: string; readonly version: number }
}

export interface PreviousStore {
  find(credentialId: string): Promise<PreviousRow | null>
  /** All in one transaction; null: nothing was written, for another change came first. */
  swap(swap: Swap): Promise<CredentialRow | null>
  /** Guarded by the version, so that one that was put aside meanwhile stays. */
  erase(credentialId: string, version: number): Promise<void>
  /** Erases those whose time is up, and answers them. */
  takeEnded(limit: number): Promise<PreviousRow[]>
}
