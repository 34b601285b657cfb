import { z } from 'zod'
import { timeSchema } from './text.ts'

/** Who did it: a member in the browser, a member's API token, the server by itself, or nobody who is known. */
export const actorKinds = ['user', 'token', 'system', 'nobody'] as const
export const actorSchema = z.object({
  kind: z.enum(actorKinds),
  id: z.string().nullable(),
  /** As it was then: the member may have been removed since. A name can be chosen freely; the id and the email identify. */
  name: z.string(),
  /** The address that the member signs in with; null for the server, for nobody, and in entries with a hash without `k1.`. */
  email: z.string().nullable(),
})
export type Actor = z.infer<typeof actorSchema>

export const auditResults = ['ok', 'refused', 'failed'] as const
/** The client that the request names; the whole header is not stored. */
export const agentClasses = ['browser', 'command_line', 'program', 'none'] as const

/** Fields by name; never a secret. */
export const auditStateSchema = z.record(z.string(), z.unknown())
export type AuditState = z.infer<typeof auditStateSchema>

export const auditEntrySchema = z.object({
  /** 1 for the first; no number is left out. */
  sequence: z.number().int(),
  at: timeSchema,
  actor: actorSchema,
  /** For example `credential.create`: the kind of thing, and what was done. */
  action: z.string(),
  object: z.object({ kind: z.string(), id: z.string(), name: z.string() }).nullable(),
  result: z.enum(auditResults),
  /** Why it was refused or failed: a code of the error catalogue. */
  reason: z.string().nullable(),
  /** The fields that changed, before and after. */
  before: auditStateSchema.nullable(),
  after: auditStateSchema.nullable(),
  address: z.string().nullable(),
  agent: z.enum(agentClasses).nullable(),
  /** The id of the request in the server's log. */
  requestId: z.string().nullable(),
  /**
   * Over the previous entry's hash and this entry as JSON with sorted names: HMAC-SHA-256, hex after `k1.`, with a key
   * that only the servers have. Entries of before that have a SHA-256 alone, hex.
   */
  hash: z.string(),
})
export type AuditEntry = z.infer<typeof auditEntrySchema>

const filters = z.object({
  actorId: z.string().max(80).optional(),
  /** One action, or all of a kind: `credential.` with the dot at its end. */
  action: z.string().max(80).optional(),
  objectId: z.string().max(80).optional(),
  result: z.enum(auditResults).optional(),
  /** Both included. */
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
})
export const auditFilterSchema = filters
export type AuditFilter = z.infer<typeof auditFilterSchema>

export const auditListQuerySchema = filters.extend({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(600).optional(),
})
export type AuditListQuery = z.infer<typeof auditListQuerySchema>

/** Newest first. Without a total: counting a log of years would take longer than reading a page of it. */
export const auditPageSchema = z.object({
  items: z.array(auditEntrySchema),
  nextCursor: z.string().nullable(),
})
export type AuditPage = z.infer<typeof auditPageSchema>

export const auditFaults = [
  'altered',
  'missing',
  'inserted',
  'cut_off',
  'head_missing',
  'head_forged',
  'put_back',
  'emptied',
] as const
export const auditFaultSchema = z.object({
  /** The number of the first entry that was altered. */
  sequence: z.number().int(),
  kind: z.enum(auditFaults),
  message: z.string(),
})
export type AuditFault = z.infer<typeof auditFaultSchema>

export const auditVerdictSchema = z.object({
  intact: z.boolean(),
  /** How many entries were looked at. */
  entries: z.number().int(),
  /** The first fault and its place; null if there is none. */
  fault: auditFaultSchema.nullable(),
  /**
   * The entry by which an administrator last accepted the log as found, or a backup was restored; null if never. Entries before it are known to be unchanged since then.
   */
  acceptedAt: z.number().int().nullable(),
  /** The last entry that was removed by age; null if none was. The first one left is chained to it. */
  removedTo: z.number().int().nullable(),
})
export type AuditVerdict = z.infer<typeof auditVerdictSchema>
