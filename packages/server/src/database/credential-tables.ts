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

/** Zero for "never": a column that is sorted by may not be null. */
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
    /** Bound into the sealed fields; grows with every change of a secret, refreshes included. */
    secretVersion: number,
    grantedScope: nullable(text),
    accessTokenExpiresAt: nullable(time),
    /** Drafts only: when the clean-up may take it. */
    draftExpiresAt: nullable(time),
  },
  optional: {
    /** What the account could do at the last check, if the other system told. */
    permissions: nullable(textList),
    /** Grows with each saved pair of tokens. */
    generation: number,
    lastUsedAt: timeOrNever,
    deletedAt: nullable(time),
    /** What tells the key apart in the other system, in the words of whoever added it. */
    keyNote: nullable(text),
    /** When the present secret came into use; 0: with the credential. A refresh doesn't count. */
    secretSince: time,
    /** Who asked from a terminal, and when, that it be authorized in a browser. */
    askedBy: nullable(text),
    askedAt: nullable(time),
    /** The code by which what was asked for was refused at its end; null: it was not. */
    askedRefusal: nullable(text),
  },
  own: {
    /** Set while a token request is or may be under way: the generation that it spends. */
    intentGeneration: nullable(number),
    intentAt: nullable(time),
    /** Requests that spend it and whose answers are not known: 0 without an intent, never more than 2. */
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
  /** The `statusAt` that checks have seen; 0: none. */
  observedAt: MsOrZero
  /** Out of `fieldValues`, by the database. */
  clientId: ColumnType<string | null, never, never>
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

/** What a credential used before its secret was replaced or its method switched. One a credential: the last. */
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
    /** Since when the credential used it; null of what was put aside before this was noted. */
    usedSince: nullable(time),
    /** Who replaced it; null: not kept. */
    replacedBy: nullable(text),
    undoUntil: time,
    /** When it is erased for good; a sign-in is ended at the other system then. */
    endsAt: time,
  },
  given: {},
  optional: {},
  own: { replacedAt: time },
})

/** Null never: those from before were erased. */
const noted = column<string, string | null>(
  (id) => id,
  (held) => held ?? '',
)

/** One three-legged authorization under way. */
export const authorization = codec('authorizations', {
  fixed: {
    /** SHA-256 of `state`, hex. */
    stateHash: text,
    credentialId: text,
    userId: text,
    /** The session or API token that began it: see `Caller`. */
    begunBy: noted,
    /** Whose credential it was, and whoever began it knew it to be. */
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
