import { credentialStatusSchema, type Identity, identitySchema } from '@latchwork/contract'
import type { ColumnType, Selectable } from 'kysely'
import { z } from 'zod'
import { codec, column, columns, type TableOf } from './codec.ts'
import {
  boolean,
  json,
  nullable,
  number,
  oneOf,
  sealed,
  sealedOrNothing,
  text,
  textList,
  textMap,
  time,
  timeOrNever,
} from './columns.ts'
import { describedBy, namedBy, searchable } from './folding.ts'

/* Credentials and who sees them; see tables.ts. */

/** Zero is "never": a sorted column may not be null. */
type MsOrZero = ColumnType<number, number | undefined, number>

const tags = columns(
  (each: readonly string[]) => ({ tags: textList.write(each), searchTags: searchable(each.join(' ')) }),
  (held, place) => textList.read(held.tags, place),
)

/** Fields that are not secret. */
const values = columns(
  (fields: Readonly<Record<string, string>>) => ({ fieldValues: textMap.write(fields) }),
  (held, place) => textMap.read(held.fieldValues, place),
)

const account = nullable(json(identitySchema))
const identity = columns(
  (of: Identity | null) => {
    const { organizationName = '', organizationId = '', userName = '', userEmail = '' } = of ?? {}
    const searchAccount = searchable([organizationName, organizationId, userName, userEmail].join(' '))
    return { identity: account.write(of), searchAccount: of === null ? '' : searchAccount }
  },
  (held, place) => account.read(held.identity, place),
)

export const credential = codec('credentials', {
  fixed: { id: text, connector: text, ownerId: text },
  given: {
    method: text,
    name: namedBy,
    description: describedBy,
    tags,
    status: oneOf(credentialStatusSchema),
    reasonCode: nullable(text),
    reasonMessage: nullable(text),
    statusAt: time,
    identity,
    values,
    /** Sealed secrets: the fields of the form and, for OAuth, `accessToken` and `refreshToken`. */
    sealed: sealedOrNothing,
    /** Bound into the sealed fields. Every change of a secret increases it, also a refresh. */
    secretVersion: number,
    grantedScope: nullable(text),
    accessTokenExpiresAt: nullable(time),
    /** Drafts only: when the clean-up may erase it. */
    draftExpiresAt: nullable(time),
  },
  optional: {
    /** What the account could do at the last check, if the other system said so. */
    permissions: nullable(textList),
    /** Each saved pair of tokens increases it. */
    generation: number,
    lastUsedAt: timeOrNever,
    deletedAt: nullable(time),
    /** How to recognize the key in the other system, in the words of its owner. */
    keyNote: nullable(text),
    /** When the present secret was first used; 0: since the credential was made. A refresh doesn't count. */
    secretSince: time,
    /** Who asked from a terminal for an authorization in a browser, and when. */
    askedBy: nullable(text),
    askedAt: nullable(time),
    /** The error code if that authorization was refused at its end; otherwise null. */
    askedRefusal: nullable(text),
  },
  own: {
    /** The generation that a token request spends, while one is or may be under way. */
    intentGeneration: nullable(number),
    intentAt: nullable(time),
    /** How many requests spend it with an unknown answer: 0 without an intent, never more than 2. */
    intentRequests: number,
    leaseOwner: nullable(text),
    leaseExpiresAt: nullable(time),
    createdAt: time,
    updatedAt: time,
  },
})

export interface CredentialTable extends TableOf<typeof credential> {
  /** 0: not planned yet. */
  nextCheckAt: MsOrZero
  /** The last `statusAt` that the checks saw; 0: none. */
  observedAt: MsOrZero
  /** The database takes it from `fieldValues`. */
  clientId: ColumnType<string | null, never, never>
}

/** Who sees a saved credential. The database's triggers maintain it. */
export interface CredentialViewerTable {
  credentialId: ColumnType<string, never, never>
  viewerId: ColumnType<string, never, never>
  sortName: ColumnType<string, never, never>
  status: ColumnType<string, never, never>
  connector: ColumnType<string, never, never>
  method: ColumnType<string, never, never>
  updatedAt: ColumnType<number, never, never>
}

/** The secret of a credential before it was replaced or its method switched. Only the last one is stored. */
export const previousSecret = codec('previous_secrets', {
  fixed: {
    credentialId: text,
    method: text,
    values,
    identity: account,
    grantedScope: nullable(text),
    accessTokenExpiresAt: nullable(time),
    keyNote: nullable(text),
    lastUsedAt: nullable(time),
    /** Sealed for the place of a previous secret, in this version. */
    sealed,
    version: number,
    suffix: nullable(text),
    /** Since when the credential used it; null where it was replaced before this was recorded. */
    usedSince: nullable(time),
    /** Who replaced it; null: not recorded. */
    replacedBy: nullable(text),
    undoUntil: time,
    /** When it is erased for good. An OAuth authorization is then revoked at the other system. */
    endsAt: time,
  },
  given: {},
  optional: {},
  own: { replacedAt: time },
})

/** Null never occurs: rows from before this column were erased. */
const noted = column<string, string | null>(
  (id) => id,
  (held) => held ?? '',
)

/** A three-legged authorization under way. */
export const authorization = codec('authorizations', {
  fixed: {
    /** SHA-256 of `state`, hex. */
    stateHash: text,
    credentialId: text,
    userId: text,
    /** The session or API token that began it: see `Caller`. */
    begunBy: noted,
    /** The credential's owner when the authorization began. */
    ownerId: noted,
    /** SHA-256 of the browser's binding cookie, hex. */
    browserHash: text,
    sealedVerifier: sealed,
    returnTo: text,
    display: oneOf(z.enum(['popup', 'page'])),
    confirmIdentityChange: boolean,
    expiresAt: time,
  },
  given: {},
  optional: {},
  own: {},
})

export type AuthorizationTable = TableOf<typeof authorization>
export type PreviousTable = TableOf<typeof previousSecret>
export type CredentialRecord = Selectable<CredentialTable>
