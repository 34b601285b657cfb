import { z } from 'zod'
import type { JobName, JobPayloads } from './interface.ts'

/** What a stored payload must look like. */
export const payloadSchemas: { readonly [N in JobName]: z.ZodType<JobPayloads[N]> } = {
  run: z.object({ runId: z.string() }),
  rotateKeys: z.record(z.string(), z.never()),
}
