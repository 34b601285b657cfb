import { z } from 'zod'
import { yourRoleSchema } from './access.ts'
import { idSchema } from './ids.ts'
import { timeSchema } from './text.ts'

/** A file that flows read or write. A name means one of the caller's own files; another member's file is named by its id. */
export const storedFileSchema = z.object({
  id: idSchema('file'),
  name: z.string(),
  bytes: z.number().int(),
  /** Null: the administrators own it. */
  owner: z.object({ id: z.string(), name: z.string() }).nullable(),
  yourRole: yourRoleSchema,
  modifiedAt: timeSchema,
})
export type StoredFile = z.infer<typeof storedFileSchema>
/** A file's name inside the data folder: no path, nothing hidden. */
export const fileNameSchema = z
  .string()
  .max(200)
  .regex(
    /^[\p{L}\p{N}_][\p{L}\p{N}_ .()-]*$/u,
    'may have letters, digits, spaces and . _ - ( ) and starts with a letter or digit',
  )
