import { z } from 'zod'

/** The moments of a refresh at which a process can be made to wait. */
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
  peerUrl: z.string(),
  owner: z.string(),
  /** How far this process's clock is from the others'. */
  clockSkewMs: z.number(),
  /** How much faster its time runs, leases and pauses included, so that a lease is over soon. */
  clockSpeed: z.number(),
  /** In place of the lease that is asked for. Null: as asked for. */
  leaseTtlMs: z.number().nullable(),
  /** SQLite: how long it waits for a file that another connection has locked. */
  lockWaitMs: z.number(),
})
export type WorkerSettings = z.infer<typeof workerSettingsSchema>

export const messageSchema = z.union([
  z.strictObject({
    number: z.number(),
    credentialId: z.string(),
    generation: z.number(),
    callers: z.number(),
    /** Where the refresh waits for the word to go on. */
    waitAt: z.enum(steps).nullable(),
  }),
  z.strictObject({ goOn: z.number(), clockStepMs: z.number() }),
])
export type Message = z.infer<typeof messageSchema>
export type Order = Exclude<Message, { goOn: number }>

/** What became of an order: that its step is reached, or for each caller the generation or the error's code. */
export const reportSchema = z.union([
  z.strictObject({ number: z.number(), reached: z.enum(steps) }),
  z.strictObject({ number: z.number(), outcomes: z.array(z.union([z.number(), z.string()])) }),
])
export type Report = z.infer<typeof reportSchema>
export type Outcome = number | string
