import { z } from 'zod'

/*
 * Inside its encryption a backup is lines of JSON: a head; for each table a line with its name and columns, then one
 * line for each row; an end. Both databases write the same format, so that a backup of one can be restored into the
 * other. Integers are numbers, times of better-auth are ISO 8601, booleans are true and false or 1 and 0.
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

/** The count proves that no row is missing. */
export const sideSchema = z.object({ end: z.literal(true), rows: z.number().int() })

/**
 * Tables that are not backed up. Sessions that were ended and sign-ins under way must not come back to life. Jobs are
 * done again or not at all. Sign-in attempts are counted from zero. The head lists the migrations. Triggers fill their
 * tables again.
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
