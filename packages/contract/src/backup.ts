import { z } from 'zod'

/** Public keys of age; those of its post-quantum kind are long. */
const recipientSchema = z
  .string()
  .regex(/^age1[0-9a-z]+$/, 'must be a public key of age (age1…)')
  .max(4000)

/** The file is encrypted for public keys or with a passphrase, one of the two. */
export const backupRequestSchema = z
  .strictObject({
    recipients: z.array(recipientSchema).min(1).max(20).optional(),
    passphrase: z.string().min(8).max(1000).optional(),
  })
  .refine((body) => (body.recipients === undefined) !== (body.passphrase === undefined), {
    message: 'Give recipients or a passphrase, one of the two',
  })
export type BackupRequest = z.infer<typeof backupRequestSchema>
