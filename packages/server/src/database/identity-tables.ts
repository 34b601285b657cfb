import { resourceKinds, resourceRoles, roles, type Subject, signInMethods } from '@latchwork/contract'
import type { ColumnType } from 'kysely'
import { z } from 'zod'
import { codec, column, columns, type TableOf } from './codec.ts'
import { boolean, nullable, number, oneOf, text, time } from './columns.ts'

/* Members, their sign-ins and their rights, and their tables as Kysely sees them: see tables.ts. */

export const token = codec('api_tokens', {
  fixed: {
    id: text,
    userId: text,
    name: text,
    /** SHA-256 of the token, hex. */
    hash: text,
    suffix: text,
    expiresAt: nullable(time),
  },
  given: {},
  /** The machine of the terminal that signed in with it; null: made for a program. */
  optional: { terminal: nullable(text) },
  own: {
    createdAt: time,
    lastUsedAt: nullable(time),
    /** The address of its last use; null: not recorded. */
    address: nullable(text),
  },
})
export type TokenTable = TableOf<typeof token>

/** The details of a session besides its sealed value. */
export const signIn = codec('sessions', {
  fixed: { id: text, userId: text },
  given: {
    /** For example `Firefox on Windows`; null: not recorded. */
    client: nullable(text),
    address: nullable(text),
    method: nullable(oneOf(z.enum(signInMethods))),
  },
  optional: {},
  own: { createdAt: time, lastUsedAt: time, expiresAt: nullable(time) },
})

export interface SessionTable {
  keyHash: string
  value: string
  expiresAt: number | null
  /** From here on only a session has values. */
  id: ColumnType<string | null, string | undefined, string>
  userId: ColumnType<string | null, string | undefined, string>
  createdAt: ColumnType<number | null, number | undefined, number>
  lastUsedAt: ColumnType<number | null, number | undefined, number>
  client: ColumnType<string | null, never, string | null>
  address: ColumnType<string | null, never, string | null>
  method: ColumnType<string | null, never, string | null>
  endedAt: ColumnType<number | null, never, number | null>
}

export const passkey = codec('passkeys', {
  fixed: {
    id: text,
    userId: text,
    /** The authenticator's id for it, base64url. */
    credentialId: text,
    /** COSE, base64url. */
    publicKey: text,
  },
  given: {
    name: text,
    /** How often it signed; 0 for an authenticator that does not count. */
    counter: number,
    synced: boolean,
  },
  optional: {},
  own: { createdAt: time, lastUsedAt: nullable(time) },
})
export type PasskeyTable = TableOf<typeof passkey>

export interface PasskeyChallengeTable {
  challengeHash: string
  boundTo: string
  expiresAt: number
}

export interface PasswordResetTable {
  userId: string
  tokenHash: string
  madeBy: string | null
  expiresAt: number
}

/** A program that waits for a person to confirm its sign-in. */
export const device = codec('device_sign_ins', {
  fixed: {
    /** SHA-256 of the code that the program keeps, hex. */
    deviceHash: text,
    /** SHA-256 of the code that the person types, hex. */
    userHash: text,
    deviceName: text,
    /** The network address that asked. */
    address: text,
    intervalSeconds: number,
  },
  given: {},
  optional: {},
  own: {
    userId: nullable(text),
    decision: oneOf(z.enum(['none', 'allowed', 'denied'])),
    lastPolledAt: nullable(time),
    createdAt: time,
    expiresAt: time,
  },
})
export type DeviceTable = TableOf<typeof device>

/** An attempt to sign in, until it no longer counts. */
export interface AttemptTable {
  id: string
  keyHash: string
  endsAt: number
}

/** What members have under way, or did within the last minute. */
export interface MemberUseTable {
  id: string
  memberId: string
  kind: string
  begunAt: number
  /** Its latest possible end. */
  endsAt: number
}

/** A role for one thing. The owner stands in the row of the thing, not here. */
export const grant = codec('resource_grants', {
  fixed: {
    resourceId: text,
    resourceKind: oneOf(z.enum(resourceKinds)),
    subject: columns<Subject, { subjectKind: string; subjectId: string }>(
      (subject) => ({ subjectKind: subject.kind, subjectId: idOfSubject(subject) }),
      ({ subjectId: id }) => (id === everyone ? { kind: 'everyone' } : { kind: 'member', id }),
    ),
  },
  given: { role: oneOf(z.enum(resourceRoles)), grantedBy: text },
  optional: {},
  own: { grantedAt: time },
})
export type GrantTable = TableOf<typeof grant>

/** The subject id for everyone in grants. */
export const everyone = '*'

export function idOfSubject(subject: Subject): string {
  return subject.kind === 'member' ? subject.id : everyone
}

/** A time as better-auth stores it: text in SQLite, timestamptz in PostgreSQL. */
export type AuthTime = Date | string

/** A person. Each role other than `admin` counts as `member`. In a table of better-auth. */
export const member = codec('user', {
  fixed: { id: text, email: text },
  given: {
    name: text,
    role: column<(typeof roles)[number], string>(
      (role) => role,
      (held) => (held === 'admin' ? 'admin' : 'member'),
    ),
  },
  optional: {},
  own: {
    createdAt: column<number, AuthTime>(
      (ms) => new Date(ms),
      (held) => new Date(held).getTime(),
    ),
  },
})

export const invitation = codec('invitations', {
  fixed: {
    id: text,
    /** In lower case. */
    email: text,
    role: oneOf(z.enum(roles)),
    /** SHA-256 of the link's token, hex. */
    tokenHash: text,
    invitedBy: text,
  },
  given: {},
  optional: {},
  own: { createdAt: time, expiresAt: time },
})
export type InvitationTable = TableOf<typeof invitation>
