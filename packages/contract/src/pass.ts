import { z } from 'zod'
import { ownerSchema, yourRoleSchema } from './access.ts'
import { ownerFilterSchema } from './endpoints/shapes.ts'
import { idSchema } from './ids.ts'
import { isPassObject, type PassGrants, passObject, passObjectNames, passVerbs } from './pass-objects.ts'
import { withWas } from './patch.ts'
import { descriptionSchema, lineSchema, nameSchema, timeSchema } from './text.ts'

/** Every token of a pass begins with this. */
export const passTokenPrefix = 'lwp_'
/** How long a pass lasts if nobody says otherwise. */
export const usualPassDays = 30
/** How long the old token still works after a rotation, if nobody says otherwise. */
export const usualOverlapHours = 24

/** A field of Close's API, e.g. `display_name` or `custom.cf_…`; `custom` stands for all custom fields. */
const fieldName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z][\w.]*$/, 'is not the name of a field')
const fieldNames = z.array(fieldName).max(200)

/** Which fields of an object; null or left out: all. `id` and what the object belongs to can always be read. */
const fieldLimitSchema = z.strictObject({
  read: fieldNames.min(1, 'needs a field').nullable().optional(),
  write: fieldNames.nullable().optional(),
})
export type FieldLimit = z.infer<typeof fieldLimitSchema>

const objectName = z.enum(passObjectNames)
const objectsSchema = z
  .partialRecord(objectName, z.array(z.enum(passVerbs)).min(1).max(passVerbs.length))
  .superRefine((objects, context) => {
    for (const [name, verbs] of Object.entries(objects)) {
      const none = (verbs ?? []).find((verb) => isPassObject(name) && !passObject(name).verbs.includes(verb))
      if (none === undefined) continue
      const message = `has no endpoint at Close to ${none} one`
      context.addIssue({ code: 'custom', path: [name], message })
    }
  })

/** An endpoint by hand: `{…}` stands for one part of the path. */
const passPathSchema = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z
    .string()
    .max(200)
    .regex(/^\/(?:(?:[\w.-]+|\{\w+\})\/)+$/, 'looks like /lead/{id}/, below /api/v1'),
})
export type PassPath = z.infer<typeof passPathSchema>

/** The only leads that are seen, with all that belongs to them: those of a smart view of the account. */
const smartViewSchema = z.strictObject({
  /** As `GET /api/passes/smart-views` gives it. */
  id: z.string().regex(/^[\w-]{1,100}$/, 'is not the id of a smart view'),
  /** As Close calls it. The server finds it when the pass is saved. */
  name: lineSchema(200).optional(),
  /** Whether leads may be made, which the view may not show afterwards. Left out: no. */
  newLeads: z.boolean().optional(),
})
export type PassSmartView = z.infer<typeof smartViewSchema>

/** What a pass may do. Everything that no rule allows is refused. */
export const passRulesSchema = z.strictObject({
  objects: objectsSchema,
  fields: z.partialRecord(objectName, fieldLimitSchema).optional(),
  paths: z.array(passPathSchema).max(50).optional(),
  smartView: smartViewSchema.optional(),
})
/** The same in an answer, which may get more in later versions. */
const shownRules = z.object({
  objects: z.partialRecord(objectName, z.array(z.enum(passVerbs))),
  fields: z.partialRecord(objectName, z.object(fieldLimitSchema.shape)).optional(),
  paths: z.array(z.object(passPathSchema.shape)).optional(),
  smartView: z.object(smartViewSchema.shape).optional(),
})
export interface PassRules {
  readonly objects: PassGrants
  readonly fields?: Readonly<Partial<Record<keyof PassGrants, FieldLimit>>> | undefined
  readonly paths?: readonly PassPath[] | undefined
  readonly smartView?: PassSmartView | undefined
}

/** A field of an object, as the account of a credential has it. */
export const passFieldSchema = z.object({
  /** As in Close's API. */
  name: z.string(),
  /** As people call it. */
  label: z.string(),
})
export type PassField = z.infer<typeof passFieldSchema>

/** Whether it may do anything but read. */
export function mayWrite({ objects, paths = [] }: PassRules): boolean {
  const verbs = Object.values(objects).flat()
  return verbs.some((verb) => verb !== 'read') || paths.some(({ method }) => method !== 'GET')
}

/** `active`; `paused` with its credential; over, by time or by a person. */
export const passStatuses = ['active', 'paused', 'expired', 'revoked'] as const
export type PassStatus = (typeof passStatuses)[number]

/** What a list of passes is narrowed to. `ending`: active, and over soon, so that its owner is told. */
export const passFilters = ['active', 'ending', 'paused', 'expired', 'revoked'] as const
export type PassFilter = (typeof passFilters)[number]

/** Calls in one hour. */
export const passHourSchema = z.object({
  at: timeSchema,
  calls: z.number().int(),
  /** Of them: by the rules or a limit of the pass. */
  denied: z.number().int(),
  /** Of them: answered by Close with an error, or not at all. */
  failed: z.number().int(),
})

export type PassHour = z.infer<typeof passHourSchema>

export const passSchema = z.object({
  id: idSchema('pass'),
  name: z.string(),
  /** What it is for. */
  purpose: z.string(),
  owner: ownerSchema,
  yourRole: yourRoleSchema,
  /** Its name and connector are null for who may not see the credential. */
  credential: z.object({ id: z.string(), name: z.string().nullable(), organization: z.string().nullable() }),
  rules: shownRules,
  /** What it may and may not do, in words. */
  may: z.string(),
  mayNot: z.string(),
  status: z.enum(passStatuses),
  /** Why it is paused, for a person; null if it is not. */
  reason: z.string().nullable(),
  /** Null: never, for `neverBecause`. */
  expiresAt: timeSchema.nullable(),
  neverBecause: z.string().nullable(),
  /** Requests a second, and a day in UTC; null: as many as Close takes. */
  perSecond: z.number().nullable(),
  perDay: z.number().nullable(),
  /** IP addresses or networks that may use it; empty: any. */
  addresses: z.array(z.string()),
  /** A person confirms each write before it is sent. */
  confirmWrites: z.boolean(),
  /** Writes that wait for a person now. */
  waitingWrites: z.number().int(),
  /** The last four characters of its token, to tell passes apart. */
  suffix: z.string(),
  /** Until when the token before the last rotation still works; null: it does not. */
  oldTokenUntil: timeSchema.nullable(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
  lastUsedAt: timeSchema.nullable(),
  /** The last 24 hours in which it was used, oldest first. */
  hours: z.array(passHourSchema),
})
export type Pass = z.infer<typeof passSchema>

const expiresAt = z.iso.datetime({ offset: true }).nullable()
const perSecond = z.number().min(0.1).max(1000).nullable()
const perDay = z.number().int().min(1).max(10_000_000).nullable()
/** Whether each is an address or a network is the server's to say. */
const addresses = z.array(lineSchema(50).min(1)).max(50)
const neverBecause = lineSchema(500).nullable()

/** Without `expiresAt` it lasts `usualPassDays`. Null means never, and `neverBecause` says why. */
export const passCreateSchema = z.strictObject({
  name: nameSchema,
  purpose: descriptionSchema.default(''),
  credentialId: idSchema('credential'),
  rules: passRulesSchema,
  expiresAt: expiresAt.optional(),
  neverBecause: neverBecause.default(null),
  perSecond: perSecond.default(null),
  perDay: perDay.default(null),
  addresses: addresses.default([]),
  confirmWrites: z.boolean().default(false),
})
export type PassCreate = z.infer<typeof passCreateSchema>

export const passPatchSchema = withWas({
  name: nameSchema,
  purpose: descriptionSchema,
  rules: passRulesSchema,
  ...{ expiresAt, neverBecause, perSecond, perDay, addresses },
  confirmWrites: z.boolean(),
})
export type PassPatch = z.infer<typeof passPatchSchema>

/** The answer of making or rotating one: the token, this once. */
export const passWithTokenSchema = z.object({ pass: passSchema.omit({ yourRole: true }), token: z.string() })

export const passRotateSchema = z.strictObject({
  /** How long the present token still works. 0: it ends at once. */
  overlapHours: z
    .number()
    .min(0)
    .max(24 * 14)
    .default(usualOverlapHours),
})

export const passListQuerySchema = z.object({
  query: z.string().trim().max(200).default(''),
  credential: idSchema('credential').optional(),
  status: z.enum(passFilters).optional(),
  owner: ownerFilterSchema,
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(600).optional(),
})
export type PassListQuery = z.infer<typeof passListQuerySchema>

export const callDecisions = ['allowed', 'denied'] as const

/** One call through the gateway. */
export const passCallSchema = z.object({
  at: timeSchema,
  method: z.string(),
  /** Below `/api/v1`, ids included. */
  path: z.string(),
  /** The names of the parameters of its query; their values are not kept. */
  query: z.array(z.string()),
  /** Of the answer; null: the client left before there was one. */
  status: z.number().int().nullable(),
  bytesIn: z.number().int(),
  bytesOut: z.number().int(),
  ms: z.number().int(),
  decision: z.enum(callDecisions),
  /** A code of the error catalogue, where the gateway refused it or Close was not reached. */
  code: z.string().nullable(),
  /** The rule or limit by which it was refused, in words. */
  rule: z.string().nullable(),
  address: z.string(),
  /** How it came, where that was not by Close's own API: as a tool of an agent. */
  via: z.enum(['mcp']).nullable(),
})
export type PassCall = z.infer<typeof passCallSchema>

export const passCallsQuerySchema = z.object({
  decision: z.enum(callDecisions).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(600).optional(),
})

/** Calls by hour within the last days; hours without any are left out. */
export const passCountsSchema = z.object({
  items: z.array(passHourSchema),
  /** Of today in UTC, of the ceiling a day. */
  today: z.number().int(),
})

/** Whether the stored calls are those that the audit log sealed by the hour. */
export const passSealsSchema = z.object({
  intact: z.boolean(),
  /** How many hours were compared. */
  hours: z.number().int(),
  /** The first that differs. */
  fault: z.object({ hour: timeSchema, message: z.string() }).nullable(),
})
export type PassSeals = z.infer<typeof passSealsSchema>
