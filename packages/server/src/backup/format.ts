import { z } from 'zod'

/*
 * Inside its encryption a backup is lines of JSON: a head; for each table a line with its name and columns and then a
 * line a row; an end. Both databases write the same, so that a backup of one can be restored into the other. Integers
 * are numbers, times of better-auth ISO 8601, truth values true and false or 1 and 0.
 */

const name = z.string().min(1).max(100)

export const headSchema = z.object({
  format: z.literal('latchwork-backup'),
  version: z.literal(1),
  createdAt: z.string(),
  /** Migrations that the database had, in order. */
  migrations: z.array(name).min(1),
})

export const tableSchema = z.object({ table: name, columns: z.array(name).min(1) })

export const rowSchema = z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))
export type Row = z.infer<typeof rowSchema>

/** Its count proves that nothing is missing before it. */
export const sideSchema = z.object({ end: z.literal(true), rows: z.number().int() })

/**
 * Tables that stay out. Sessions and sign-ins under way would come back to life although they were ended; what the queue
 * held is done again or not at all; tries to sign in are counted anew; the list of migrations stands in the head. What triggers keep
 * they make again.
 */
export const leftOut: ReadonlySet<string> = new Set([
  'latchwork_migration',
  'latchwork_migration_lock',
  'sessions',
  'verification',
  'authorizations',
  'device_sign_ins',
  'passkey_challenges',
  'password_resets',
  'sign_in_attempts',
  'jobs',
  'credential_viewers',
])
