import { idSchema, runStarterSchema, runStatusSchema } from '@latchwork/contract'
import { z } from 'zod'
import type { RunFilter } from './queries.ts'

const day = z.iso.date().optional().catch(undefined)

/** What the address says of the filters. Days are the reader's, in their time zone. */
export const runSearchSchema = z.object({
  flow: idSchema('flow').optional().catch(undefined),
  status: runStatusSchema.optional().catch(undefined),
  starter: runStarterSchema.optional().catch(undefined),
  /** The name of who has begun them. */
  by: z.string().trim().min(1).max(200).optional().catch(undefined),
  from: day,
  to: day,
})
export type RunSearch = z.infer<typeof runSearchSchema>

/** The filters as the API takes them: from the first moment of a day to the last of another. */
export function runFilterOf({ flow, status, starter, by, from, to }: RunSearch): RunFilter {
  return {
    ...(flow === undefined ? {} : { flowId: flow }),
    ...(status === undefined ? {} : { status }),
    ...(starter === undefined ? {} : { starter }),
    ...(by === undefined ? {} : { startedBy: by }),
    ...(from === undefined ? {} : { from: new Date(`${from}T00:00:00.000`).toISOString() }),
    ...(to === undefined ? {} : { to: new Date(`${to}T23:59:59.999`).toISOString() }),
  }
}
