import { z } from 'zod'

/** The moments of a refresh at which a holder can be made to die or to be stopped. */
export const steps = [
  'before_intent',
  'after_intent',
  'before_post',
  'after_post',
  'after_answer',
  'after_save',
] as const
export type Step = (typeof steps)[number]

/** What a worker is started with. */
export const workerSettingsSchema = z.strictObject({
  databaseUrl: z.string().nullable(),
  dataDir: z.string(),
  closeUrl: z.string(),
  owner: z.string(),
  /** How far this process's clock is from the others'. */
  clockSkewMs: z.number(),
  /** How much faster its clock runs, so that a long lease is over soon. */
  clockSpeed: z.number(),
  /** In place of the lease that is asked for. Null: as asked for. */
  leaseTtlMs: z.number().nullable(),
})
export type WorkerSettings = z.infer<typeof workerSettingsSchema>

export const orderSchema = z.strictObject({
  number: z.number(),
  credentialId: z.string(),
  generation: z.number(),
  callers: z.number(),
  /** Where the process ends or stops itself. */
  haltAt: z.enum(steps).nullable(),
  signal: z.enum(['SIGKILL', 'SIGSTOP']),
})
export type Order = z.infer<typeof orderSchema>

/** What became of an order: for each caller, the generation that it got or the code of its error. */
export const reportSchema = z.strictObject({
  number: z.number(),
  outcomes: z.array(z.union([z.number(), z.string()])),
})
export type Report = z.infer<typeof reportSchema>
