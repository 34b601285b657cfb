import {
  type CredentialStatus,
  credentialStatusSchema,
  type Identity,
  identitySchema,
} from '@latchwork/contract'
import type { Updateable } from 'kysely'
import { readJson, textListSchema, textMapSchema, toMs, toMsOrNull, toTime, toTimeOrNull } from './columns.ts'
import type { CredentialInsert, CredentialRecord, CredentialTable } from './credential-tables.ts'
import { descriptionColumns, nameColumns, searchable } from './folding.ts'
import type { CredentialChange, CredentialRow, NewCredential } from './interfaces.ts'
import { readSealedOrNothing, writeSealed } from './sealed.ts'

export function toRow(row: CredentialRecord): CredentialRow {
  return {
    id: row.id,
    connector: row.connector,
    method: row.method,
    ownerId: row.ownerId,
    name: row.name,
    description: row.description,
    tags: readJson(row.tags, textListSchema, 'credentials.tags'),
    status: toStatus(row.status),
    reasonCode: row.reasonCode,
    reasonMessage: row.reasonMessage,
    statusAt: toTime(row.statusAt),
    identity: row.identity === null ? null : readJson(row.identity, identitySchema, 'credentials.identity'),
    values: readJson(row.fieldValues, textMapSchema, 'credentials.field_values'),
    sealed: readSealedOrNothing(row.sealed),
    secretVersion: row.secretVersion,
    grantedScope: row.grantedScope,
    accessTokenExpiresAt: toTimeOrNull(row.accessTokenExpiresAt),
    generation: row.generation,
    intentGeneration: row.intentGeneration,
    intentAt: toTimeOrNull(row.intentAt),
    intentRequests: row.intentRequests,
    leaseOwner: row.leaseOwner,
    leaseExpiresAt: toTimeOrNull(row.leaseExpiresAt),
    draftExpiresAt: toTimeOrNull(row.draftExpiresAt),
    createdAt: toTime(row.createdAt),
    updatedAt: toTime(row.updatedAt),
    lastUsedAt: row.lastUsedAt === 0 ? null : toTime(row.lastUsedAt),
    deletedAt: toTimeOrNull(row.deletedAt),
    secretSince: toTime(row.secretSince === 0 ? row.createdAt : row.secretSince),
    keyNote: row.keyNote,
    askedBy: row.askedBy,
    askedAt: toTimeOrNull(row.askedAt),
    askedRefusal: row.askedRefusal,
    permissions:
      row.permissions === null ? null : readJson(row.permissions, textListSchema, 'credentials.permissions'),
  }
}

function toStatus(text: string): CredentialStatus {
  return credentialStatusSchema.parse(text)
}

export function insertToColumns(row: NewCredential): Omit<CredentialInsert, 'createdAt' | 'updatedAt'> {
  return {
    id: row.id,
    connector: row.connector,
    method: row.method,
    ownerId: row.ownerId,
    ...nameColumns(row.name),
    ...descriptionColumns(row.description),
    ...tagColumns(row.tags),
    status: row.status,
    reasonCode: row.reasonCode,
    reasonMessage: row.reasonMessage,
    statusAt: toMs(row.statusAt),
    ...identityColumns(row.identity),
    fieldValues: JSON.stringify(row.values),
    sealed: writeSealed(row.sealed),
    secretVersion: row.secretVersion,
    grantedScope: row.grantedScope,
    accessTokenExpiresAt: toMsOrNull(row.accessTokenExpiresAt),
    draftExpiresAt: toMsOrNull(row.draftExpiresAt),
    permissions: permissionsColumn(row.permissions ?? null),
  }
}

export function changeToColumns(change: CredentialChange): Updateable<CredentialTable> {
  const columns: Updateable<CredentialTable> = {}
  const set = (part: Updateable<CredentialTable>): void => void Object.assign(columns, part)
  if (change.method !== undefined) set({ method: change.method })
  if (change.name !== undefined) set(nameColumns(change.name))
  if (change.description !== undefined) set(descriptionColumns(change.description))
  if (change.tags !== undefined) set(tagColumns(change.tags))
  if (change.status !== undefined) set({ status: change.status })
  if (change.reasonCode !== undefined) set({ reasonCode: change.reasonCode })
  if (change.reasonMessage !== undefined) set({ reasonMessage: change.reasonMessage })
  if (change.statusAt !== undefined) set({ statusAt: toMs(change.statusAt) })
  if (change.identity !== undefined) set(identityColumns(change.identity))
  if (change.values !== undefined) set({ fieldValues: JSON.stringify(change.values) })
  if (change.sealed !== undefined) set({ sealed: writeSealed(change.sealed) })
  if (change.secretVersion !== undefined) set({ secretVersion: change.secretVersion })
  if (change.grantedScope !== undefined) set({ grantedScope: change.grantedScope })
  if (change.accessTokenExpiresAt !== undefined)
    set({ accessTokenExpiresAt: toMsOrNull(change.accessTokenExpiresAt) })
  // A new pair of tokens makes whatever was under way with the old pair void.
  if (change.generation !== undefined) set({ generation: change.generation, ...noRefreshUnderWay })
  if (change.draftExpiresAt !== undefined) set({ draftExpiresAt: toMsOrNull(change.draftExpiresAt) })
  if (change.lastUsedAt !== undefined)
    set({ lastUsedAt: change.lastUsedAt === null ? 0 : toMs(change.lastUsedAt) })
  if (change.deletedAt !== undefined) set({ deletedAt: toMsOrNull(change.deletedAt) })
  if (change.secretSince !== undefined) set({ secretSince: toMs(change.secretSince) })
  if (change.keyNote !== undefined) set({ keyNote: change.keyNote })
  if (change.askedBy !== undefined) set({ askedBy: change.askedBy })
  if (change.askedRefusal !== undefined) set({ askedRefusal: change.askedRefusal })
  if (change.askedAt !== undefined) set({ askedAt: toMsOrNull(change.askedAt) })
  if (change.permissions !== undefined) set({ permissions: permissionsColumn(change.permissions) })
  return columns
}

export const noRefreshUnderWay = {
  intentGeneration: null,
  intentAt: null,
  intentRequests: 0,
  leaseOwner: null,
  leaseExpiresAt: null,
} as const

/** Whether a person changed something, as opposed to what a check or a use writes down. */
export function touchesContent(change: CredentialChange): boolean {
  const content: readonly (keyof CredentialChange)[] = [
    'method',
    'name',
    'description',
    'tags',
    'values',
    'secretVersion',
    'draftExpiresAt',
  ]
  return content.some((key) => change[key] !== undefined)
}

function permissionsColumn(permissions: readonly string[] | null): string | null {
  return permissions === null ? null : JSON.stringify(permissions)
}

function tagColumns(tags: readonly string[]) {
  return { tags: JSON.stringify(tags), searchTags: searchable(tags.join(' ')) }
}

function identityColumns(identity: Identity | null) {
  if (identity === null) return { identity: null, searchAccount: '' }
  const { organizationName, organizationId, userName, userEmail } = identity
  return {
    identity: JSON.stringify(identity),
    searchAccount: searchable([organizationName, organizationId, userName, userEmail].join(' ')),
  }
}
