import type { CredentialParts, CredentialRecords } from '../records/records.ts'

/** What an action of a credential may need. */
export interface ServiceParts extends CredentialParts {
  readonly records: CredentialRecords
}
