import { z } from 'zod'
import { timeSchema } from './text.ts'

/* A run by its stages, oldest first. */

export const runStages = [
  'queued',
  'started',
  'prepared',
  'stream_begun',
  'stream_ended',
  'stream_failed',
  'waiting',
  'going_on',
  'taken_up',
  'failed_for_now',
  'retried',
  'ended',
] as const
export const runStageSchema = z.enum(runStages)
export type RunStage = z.infer<typeof runStageSchema>

/** More of what happens in between (waiting, being taken up again) is not kept of one run. */
export const runEventsRetained = 200

export const runLogEntrySchema = z.object({
  at: timeSchema,
  stage: runStageSchema,
  /** The name of the stream that it is about. */
  stream: z.string().nullable(),
  /** A sentence. */
  message: z.string(),
})
export type RunLogEntry = z.infer<typeof runLogEntrySchema>
export const runLogSchema = z.object({ items: z.array(runLogEntrySchema) })
