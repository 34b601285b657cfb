import { z } from 'zod'
import { defineEndpoint } from '../endpoint.ts'
import { timeSchema } from '../text.ts'

/** A master key is changed about once a year. @see NIST SP 800-57 part 1 section 5.3.6 */
export const masterKeyDays = 365
/** Half of the 2^32 encryptions that a key may be used for. @see NIST SP 800-38D section 8.3 */
export const masterKeyOperations = 2 ** 31

/** Fingerprint of a master key. It tells nothing about the key. */
const keyIdSchema = z.string().regex(/^[0-9a-f]{16}$/, 'is not the fingerprint of a master key')

const masterKeySchema = z.object({
  id: keyIdSchema,
  /** `active` seals, `readable` only opens, `retired` opens nothing, `missing` is needed but not held. */
  state: z.enum(['active', 'readable', 'retired', 'missing']),
  /** Where it comes from, for example `the key file /srv/latchwork/master.key`. */
  source: z.string(),
  /** When this database first saw it. */
  firstSeenAt: timeSchema,
  retiredAt: timeSchema.nullable(),
  ageDays: z.number().int(),
  /** How often it wrapped a data key, counted in batches: never less than it really did. */
  operations: z.number().int(),
  /** Stored values that only this key opens. */
  rows: z.number().int(),
  /** What should be done about it; empty when all is well. */
  warnings: z.array(z.object({ code: z.enum(['master_key_old', 'master_key_worn']), message: z.string() })),
})

const keyRotationSchema = z.object({
  /** The key that the rotation changes to. */
  keyId: keyIdSchema,
  startedAt: timeSchema,
  /** Null while it is under way. */
  finishedAt: timeSchema.nullable(),
  /** Values that were reencrypted so far. */
  done: z.number().int(),
  /** Values still on other keys, without those in quarantine. */
  remaining: z.number().int(),
})

export const masterKeysSchema = z.object({
  items: z.array(masterKeySchema),
  /** The latest one; null if there never was one. */
  rotation: keyRotationSchema.nullable(),
  /** Values that could not be reencrypted: they were damaged, or their key is not held. */
  quarantined: z.array(z.object({ table: z.string(), rowId: z.string(), code: z.string(), at: timeSchema })),
  /** Whether the server itself can make a key, as it can in a key file. */
  canAdd: z.boolean(),
  /** Where the active key comes from: a key file, LATCHWORK_MASTER_KEY, or a key management service. */
  origin: z.enum(['file', 'environment', 'service']),
})
export type MasterKeys = z.infer<typeof masterKeysSchema>
export type MasterKey = z.infer<typeof masterKeySchema>

export const keys = {
  list: defineEndpoint({
    method: 'GET',
    path: '/api/keys',
    summary: 'The master keys, their use and age, and the progress of a rotation',
    access: 'admin',
    audit: null,
    response: masterKeysSchema,
  }),
  add: defineEndpoint({
    method: 'POST',
    path: '/api/keys',
    summary: 'Make a master key that becomes active at the next rotation',
    access: 'admin',
    audit: { action: 'key.add', subject: 'none' },
    creates: 'always',
    response: masterKeysSchema,
    errors: ['master_key_not_addable', 'data_dir_unwritable'],
  }),
  rotate: defineEndpoint({
    method: 'POST',
    path: '/api/keys/rotate',
    summary: 'Switch to the next master key and re-encrypt everything, in the background',
    access: 'admin',
    audit: { action: 'key.rotate', subject: 'none' },
    response: masterKeysSchema,
    errors: ['data_dir_unwritable'],
  }),
  retire: defineEndpoint({
    method: 'POST',
    path: '/api/keys/{id}/retire',
    summary: 'Retire a master key; refused while anything is encrypted with it',
    access: 'admin',
    audit: { action: 'key.retire', subject: 'params.id' },
    params: z.object({ id: keyIdSchema }),
    response: masterKeysSchema,
    errors: ['master_key_not_found', 'master_key_in_use', 'data_dir_unwritable'],
  }),
}
