import { z } from 'zod'
import type { JobName, JobPayloads } from './interface.ts'

/** The schemas of stored payloads. */
export const payloadSchemas: { readonly [N in JobName]: z.ZodType<JobPayloads[N]> } = {
  run: z.object({ runId: z.string() }),
  alert: z.object({ alertId: z.string(), channel: z.enum(['email', 'webhook']) }),
  rotateKeys: z.record(z.string(), z.never()),
}
