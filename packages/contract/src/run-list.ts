import { z } from 'zod'
import { listQuery } from './endpoints/shapes.ts'
import { type RunDetails, runDetailsSchema, runStatusSchema } from './flow.ts'
import { idSchema } from './ids.ts'

/** Begun by a schedule, or by a person. */
export const runStarterSchema = z.enum(['schedule', 'person'])
export type RunStarter = z.infer<typeof runStarterSchema>

export const runListQuerySchema = listQuery.extend({
  flowId: idSchema('flow').optional(),
  status: runStatusSchema.optional(),
  starter: runStarterSchema.optional(),
  /** Begun by the person who had this name then, in the page or by any of their API tokens. */
  startedBy: z.string().trim().min(1).max(200).optional(),
  /** Of those that were asked for at this time or later. */
  from: z.iso.datetime({ offset: true }).optional(),
  /** Or earlier. */
  to: z.iso.datetime({ offset: true }).optional(),
})
export type RunListQuery = z.infer<typeof runListQuerySchema>

/** What is kept of who begins a run: their name of then, and that of the API token that they used. */
export function starterName(name: string, token: string | null): string {
  return token === null ? name : `${startOfTokenUse(name)}${token}”)`
}

/** How it begins for every API token of a person. */
export function startOfTokenUse(name: string): string {
  return `${name} (API token “`
}

/** Who began a run, in a list. */
export function starterWords({ startedBy }: Pick<RunDetails, 'startedBy'>): string {
  return startedBy ?? 'Schedule'
}

/** A run as a bar of a chart. */
export const pastRunSchema = runDetailsSchema.pick({
  ...{ id: true, status: true, recordsRead: true, recordsWritten: true, recordsRefused: true },
  ...{ createdAt: true, startedAt: true, finishedAt: true },
})
export type PastRun = z.infer<typeof pastRunSchema>

/** The runs that a chart shows at most. */
export const pastRunsShown = 50
