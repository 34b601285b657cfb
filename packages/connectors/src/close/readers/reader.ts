import type { CloseClient, SearchRow } from '@latchwork/close'
import type { Json, ReadPurpose } from '../../interface.ts'

/** What every reader is given. */
export interface ReaderParts {
  readonly client: CloseClient
  readonly signal: AbortSignal
  readonly purpose: ReadPurpose
  /** Of the credential. */
  organizationId(): Promise<string>
}

/** Records as Close sends them, and the position after them. Never empty. */
export interface ReadRows {
  readonly rows: readonly SearchRow[]
  readonly position: Json
}

/** How many records a batch has. */
export const batchRows = 200
/** How many records a page is asked for: no list of Close is known to refuse so many. */
export const pageRows = 100
/** How many records a sample has. */
export const sampleRows = 10
