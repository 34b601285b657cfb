import { callDecisions, type PassRules, passRulesSchema } from '@latchwork/contract'
import { z } from 'zod'
import { codec, type TableOf } from './codec.ts'
import { json, nullable, number, oneOf, storableText, text, textList, time } from './columns.ts'
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
  },
  given: {},
  optional: {},
  own: {},
})
export type PassCallTable = TableOf<typeof passCall>

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
