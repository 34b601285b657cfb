import { callDecisions, type PassRules, passRulesSchema, passWriteStates } from '@latchwork/contract'
import { z } from 'zod'
import { codec, type TableOf } from './codec.ts'
import {
  boolean,
  json,
  nullable,
  number,
  oneOf,
  sealedOrNothing,
  storableText,
  text,
  textList,
  time,
} from './columns.ts'
import { describedBy, namedBy } from './folding.ts'

/* Passes and their calls, and their tables as Kysely sees them: see tables.ts. */

/** How much a pass may take, and from where. */
export interface PassLimits {
  readonly perSecond: number | null
  /** In UTC. */
  readonly perDay: number | null
  /** IP addresses and networks; empty: any. */
  readonly addresses: readonly string[]
}

const limits = json<PassLimits>(
  z.strictObject({
    perSecond: z.number().nullable(),
    perDay: z.number().nullable(),
    addresses: z.array(z.string()),
  }),
)

export const pass = codec('passes', {
  fixed: { id: text, ownerId: text, credentialId: text },
  given: {
    name: namedBy,
    description: describedBy,
    rules: json<PassRules>(passRulesSchema),
    limits,
    /** Null: never, for `neverBecause`. */
    expiresAt: nullable(time),
    neverBecause: nullable(text),
    /** SHA-256 of the token, hex. */
    tokenHash: text,
    suffix: text,
  },
  optional: {
    /** The token before the last rotation, which works until then. */
    oldTokenHash: nullable(text),
    oldTokenUntil: nullable(time),
    revokedAt: nullable(time),
    confirmWrites: boolean,
  },
  own: { createdAt: time, updatedAt: time, lastUsedAt: nullable(time) },
})
export type PassTable = TableOf<typeof pass>

export const passCall = codec('pass_calls', {
  fixed: {
    id: text,
    passId: text,
    at: time,
    method: storableText,
    path: storableText,
    query: textList,
    status: nullable(number),
    bytesIn: number,
    bytesOut: number,
    ms: number,
    decision: oneOf(z.enum(callDecisions)),
    code: nullable(text),
    rule: nullable(storableText),
    address: text,
    /** Null: by Close's own API. */
    via: nullable(oneOf(z.enum(['mcp']))),
  },
  given: {},
  optional: {},
  own: {},
})
export type PassCallTable = TableOf<typeof passCall>

/** A write that waits for a person, or did. */
export const passWrite = codec('pass_writes', {
  fixed: {
    id: text,
    passId: text,
    method: storableText,
    path: storableText,
    /** What is sent, and for whom: see `gateway/confirm/held-writes.ts`. */
    sealed: sealedOrNothing,
  },
  given: {},
  optional: {},
  own: {
    state: oneOf(z.enum(passWriteStates)),
    /** What the caller is told of Close's answer, sealed; empty: there is none. */
    answer: text,
    status: nullable(number),
    decidedBy: nullable(text),
    decidedAt: nullable(time),
    createdAt: time,
    expiresAt: time,
  },
})
export type PassWriteTable = TableOf<typeof passWrite>

/** Calls that began in one hour. */
export interface PassHourTable {
  passId: string
  at: number
  calls: number
  denied: number
  failed: number
}

/** How much of a limit was taken since the present window of it began. */
export interface PassWindowTable {
  passId: string
  lengthMs: number
  beganAt: number
  taken: number
}
