import { z } from 'zod'
import { type Identity, identitySchema } from './credential.ts'
import { type ErrorCode, errorCatalogue } from './errors/catalogue.ts'

/** One fault in one field of a request. */
export const fieldFaultSchema = z.object({ field: z.string(), rule: z.string(), message: z.string() })
export type FieldFault = z.infer<typeof fieldFaultSchema>

/**
 * The body of every error answer.
 * @see RFC 9457 section 3
 */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  /** Faults of single fields, for `invalid_input` and its like. */
  errors: z.array(fieldFaultSchema).optional(),
  /** Quote this to find the log line. */
  requestId: z.string().optional(),
  /** What blocks the operation, for example the flows that use a credential. */
  blockers: z.array(z.object({ kind: z.string(), id: z.string(), name: z.string() })).optional(),
  /** For `identity_changed`: the pinned account, and the account that answered. Null where it is not known. */
  accounts: z.object({ pinned: identitySchema.nullable(), answered: identitySchema.nullable() }).optional(),
  /** The number of further ones, which you may not see. */
  hiddenBlockers: z.number().int().optional(),
  /** For `repeat_creates`: how many records would be made again, where that is known. */
  count: z.number().int().optional(),
})
export type Problem = z.infer<typeof problemSchema>

interface Details {
  /** The sentence for a person: what happened, to what, and what to do. Defaults to the catalogue's sentence. */
  message?: string
  errors?: FieldFault[]
  blockers?: { kind: string; id: string; name: string }[]
  accounts?: { pinned: Identity | null; answered: Identity | null }
  /** The time to wait before repeating the request. */
  retryAfterSeconds?: number
  hiddenBlockers?: number
  count?: number
  /** For the log only. Never a request, a header or a secret. */
  cause?: unknown
}

/** An error with a stable code. Its message is public; its cause is for the log. */
export class LatchworkError extends Error {
  override readonly name = 'LatchworkError'
  readonly code: ErrorCode
  readonly errors: FieldFault[] | undefined
  readonly blockers: Details['blockers']
  readonly accounts: Details['accounts']
  readonly retryAfterSeconds: number | undefined
  readonly hiddenBlockers: number | undefined
  readonly count: number | undefined

  constructor(code: ErrorCode, details: Details = {}) {
    super(
      details.message ?? errorCatalogue[code].title,
      details.cause === undefined ? {} : { cause: details.cause },
    )
    this.code = code
    this.errors = details.errors
    this.blockers = details.blockers
    this.accounts = details.accounts
    this.retryAfterSeconds = details.retryAfterSeconds
    this.hiddenBlockers = details.hiddenBlockers
    this.count = details.count
  }

  get status(): number {
    return errorCatalogue[this.code].status
  }
}

/** An `invalid_input` error about one field. */
export function invalidField(field: string, rule: string, message: string): LatchworkError {
  return new LatchworkError('invalid_input', { message, errors: [{ field, rule, message }] })
}
