import { z } from 'zod'
import { credentialStatusSchema, reasonSchema } from './credential.ts'
import { idSchema } from './ids.ts'
import { allWithWas } from './patch.ts'
import { timeSchema } from './text.ts'

/** Days that the health page looks back, today included. */
export const checkDays = 30

/** The worst that was seen of a credential on one day. A day without a check is left out. */
export const checkDaySchema = z.object({
  /** `2026-11-23`, in UTC. */
  day: z.string(),
  status: credentialStatusSchema,
  reason: reasonSchema.nullable(),
})
export type CheckDay = z.infer<typeof checkDaySchema>

export const credentialChecksSchema = z.object({
  id: idSchema('credential'),
  name: z.string(),
  connector: z.string(),
  method: z.string(),
  owner: z.object({ id: z.string(), name: z.string() }),
  status: credentialStatusSchema,
  reason: reasonSchema.nullable(),
  statusAt: timeSchema,
  /** Oldest first. */
  days: z.array(checkDaySchema),
})
export type CredentialChecks = z.infer<typeof credentialChecksSchema>

export const alertKinds = [
  'failed',
  'unreachable',
  'expiring',
  'narrowed',
  'recovered',
  'app_rejected',
  'app_recovered',
  'not_ended',
  'sign_in',
  'flow_paused',
  'flow_failed',
  'flow_partial',
  'flow_late',
  'flow_no_data',
  'flow_data_again',
  'flow_unusual',
  'flow_schema_changed',
  'flow_recovered',
  'pass_expiring',
  'pass_denials',
  'pass_confirmation',
  'audit_damaged',
  'test',
] as const
export type AlertKind = (typeof alertKinds)[number]

export const alertSchema = z.object({
  id: idSchema('alert'),
  kind: z.enum(alertKinds),
  /** Null for an alert about an OAuth app or somebody's own sign-in, and for a test. */
  credentialId: z.string().nullable(),
  /** The flow that it is about. */
  flowId: z.string().nullable(),
  /** The pass that it is about. */
  passId: z.string().nullable(),
  /** The reason's code of the error catalogue, if it has one. */
  code: z.string().nullable(),
  title: z.string(),
  message: z.string(),
  createdAt: timeSchema,
})
export type Alert = z.infer<typeof alertSchema>

/** Kinds that a member may do without, together where one belongs to the other. What is about safety always comes. */
export const alertTopics = [
  {
    id: 'credentials',
    kinds: ['failed', 'unreachable', 'app_rejected', 'not_ended', 'recovered', 'app_recovered'],
  },
  { id: 'expiry', kinds: ['expiring', 'narrowed'] },
  { id: 'flow_failed', kinds: ['flow_failed', 'flow_paused'] },
  { id: 'flow_partial', kinds: ['flow_partial'] },
  { id: 'flow_late', kinds: ['flow_late'] },
  { id: 'flow_volume', kinds: ['flow_no_data', 'flow_data_again', 'flow_unusual'] },
  { id: 'flow_schema_changed', kinds: ['flow_schema_changed'] },
  { id: 'flow_recovered', kinds: ['flow_recovered'] },
  { id: 'passes', kinds: ['pass_expiring', 'pass_denials', 'pass_confirmation'] },
] as const satisfies readonly { id: string; kinds: readonly AlertKind[] }[]
export type AlertTopic = (typeof alertTopics)[number]['id']

/** What a member does not want to be told, in the page and by email. A shared address and the webhook get everything. */
export const alertPreferencesSchema = z.object({
  muted: z.array(z.enum(alertTopics.map(({ id }) => id))),
})
export type AlertPreferences = z.infer<typeof alertPreferencesSchema>
export const alertPreferencesPutSchema = allWithWas({
  muted: alertPreferencesSchema.shape.muted.max(alertTopics.length),
})

export const alertChannels = ['page', 'email', 'webhook'] as const

/** Where alerts go besides the page; null: not set up. The address of the webhook without its path. */
export const alertTargetsSchema = z.object({ email: z.string().nullable(), webhook: z.string().nullable() })

export const alertListSchema = z.object({
  /** Newest first. */
  items: z.array(alertSchema),
  unread: z.number().int(),
  targets: alertTargetsSchema,
})
export type AlertList = z.infer<typeof alertListSchema>
