import type { OpenStores } from '../../src/app/stores.ts'

/** What a test of the contract works with. */
export interface Subject {
  readonly stores: OpenStores
  /** On PostgreSQL another process' stores on the same database; on SQLite, which one process owns, the same. */
  readonly rival: OpenStores
}
export type GetSubject = () => Subject
