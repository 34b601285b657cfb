import { z } from 'zod'
import { attentionKinds } from './attention.ts'
import { listQuery, ownerFilterSchema } from './endpoints/shapes.ts'
import { flowSchema, runStatusSchema } from './flow.ts'
import { idSchema } from './ids.ts'
import { timeSchema } from './text.ts'

/* The list of flows, which is the home. */

/** A run as a bar of the strip. */
const stripRunSchema = z.object({
  id: idSchema('run'),
  status: runStatusSchema,
  recordsWritten: z.number().int(),
  createdAt: timeSchema,
})
export type StripRun = z.infer<typeof stripRunSchema>

/** So many runs of a flow its list shows. */
export const stripLength = 10

/** A flow in the list, with its last runs that are no replays, the newest first. */
export const listedFlowSchema = flowSchema.extend({ recentRuns: z.array(stripRunSchema) })
export type ListedFlow = z.infer<typeof listedFlowSchema>

/** How a flow stands: what it needs somebody for, or what else it may be looked for by. */
export const flowStandings = [...attentionKinds, 'running', 'paused_by_hand', 'never_run'] as const
export type FlowStanding = (typeof flowStandings)[number]

/** By name as people count ("Flow 2" before "Flow 10"); what was not fresh for longest first; newest first. */
export const flowSorts = ['name', 'freshAt', '-createdAt'] as const
export type FlowSort = (typeof flowSorts)[number]

export const flowListQuerySchema = listQuery.extend({
  owner: ownerFilterSchema,
  /** What the flows read. */
  sourceId: idSchema('source').optional(),
  /** What they write to. */
  destinationId: idSchema('destination').optional(),
  /** The credentials of both sides. */
  credentialId: idSchema('credential').optional(),
  /** Those that need somebody, or those that don't. */
  attention: z.enum(['needed', 'none']).optional(),
  standing: z.enum(flowStandings).optional(),
  sort: z.enum(flowSorts).default('name'),
})
export type FlowListQuery = z.infer<typeof flowListQuerySchema>
