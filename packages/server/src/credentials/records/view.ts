import type { Credential, User } from '@latchwork/contract'
import { toTime, toTimeOrNull } from '../../database/columns.ts'
import type { CredentialRow } from '../store/row.ts'

/** A credential as the page sees it, without the role of the member who asks. */
export type CredentialView = Omit<Credential, 'yourRole'>

/** The public view of a credential: metadata, and which secrets are stored, never their values. */
export function credentialView(
  row: CredentialRow,
  owner: User | undefined,
  usageCount: number,
): CredentialView {
  return {
    id: row.id,
    connector: row.connector,
    method: row.method,
    name: row.name,
    description: row.description,
    tags: [...row.tags],
    owner: { id: row.ownerId, name: owner?.name ?? '' },
    status: row.status,
    reason:
      row.reasonCode === null ? null : { code: row.reasonCode, message: row.reasonMessage ?? row.reasonCode },
    statusAt: toTime(row.statusAt),
    identity: row.identity,
    values: { ...row.values },
    secretsSet: Object.keys(row.sealed.fields),
    grantedScope: row.grantedScope,
    accessTokenExpiresAt: toTimeOrNull(row.accessTokenExpiresAt),
    usageCount,
    createdAt: toTime(row.createdAt),
    updatedAt: toTime(row.updatedAt),
    lastUsedAt: toTimeOrNull(row.lastUsedAt),
  }
}
