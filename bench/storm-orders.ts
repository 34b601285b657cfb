import { z } from 'zod'

/** The settings of a process of the storm. */
export const workerSettingsSchema = z.strictObject({
  databaseUrl: z.string(),
  dataDir: z.string(),
  closeUrl: z.string(),
  owner: z.string(),
})
export type WorkerSettings = z.infer<typeof workerSettingsSchema>

export const orderSchema = z.strictObject({
  credentialId: z.string(),
  generation: z.number(),
  callers: z.number(),
})
export type Order = z.infer<typeof orderSchema>

/** The generation that each caller got, or its error. Null: the process is ready. */
export const reportSchema = z.array(z.union([z.number(), z.string()])).nullable()
export type Report = z.infer<typeof reportSchema>
