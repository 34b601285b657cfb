import { z } from 'zod'
import { outsideLimits } from './outside-text.ts'
import { type DataRecord, recordSchema, valueIn } from './record.ts'
import { timeSchema } from './text.ts'

/* Records that a destination refused, kept to be put right and written after all. */

/** The longest record, as JSON in characters, that is kept whole. Of a longer one only a part is kept, to be looked at. */
export const wholeRecordLimit = 100_000

export const quarantinedSchema = z.object({
  id: z.string(),
  /** The stream that it is a record of; null for a run of an earlier version. */
  stream: z.string().nullable(),
  /** The record's own key, where it has one. */
  key: z.string().nullable(),
  /** Where it stood in its file: the row as a spreadsheet counts, or the line. */
  row: z.number().int().nullable(),
  /** What people call it: its name, its title, its address. */
  name: z.string().nullable(),
  /** In a list its long values are cut. */
  record: recordSchema,
  code: z.string(),
  message: z.string(),
  /** Which group of equal reasons it belongs to. */
  group: z.string(),
  /** False: only a part of it could be kept, so it can't be edited or replayed. */
  whole: z.boolean(),
  at: timeSchema,
})
export type Quarantined = z.infer<typeof quarantinedSchema>

export const quarantineGroupSchema = z.object({
  id: z.string(),
  code: z.string(),
  /** The reason, with "…" where its records differ. */
  message: z.string(),
  count: z.number().int(),
  /** Of these, how many are kept whole and can be replayed. */
  whole: z.number().int(),
})
export type QuarantineGroup = z.infer<typeof quarantineGroupSchema>

/** Which records of a run's quarantine: some, those of a group, or all of them. */
export const quarantineSelectionSchema = z.strictObject({
  ids: z
    .array(z.string().regex(/^\d{1,9}$/, 'must be the id of a record in quarantine'))
    .min(1)
    .max(1000)
    .optional(),
  group: z.string().max(64).optional(),
})
export type QuarantineSelection = z.infer<typeof quarantineSelectionSchema>

/** How long texts and names of columns may be in an edit, in characters. */
export const quarantineEditLimits = { text: wholeRecordLimit, name: outsideLimits.columnName } as const

/**
 * Values that are put in the place of those of a record; what is not named stays. `was`: what the person saw of them. If
 * one is another by now, somebody else has changed it, and the edit is refused (`conflict`).
 */
export const quarantineEditSchema = z.strictObject({ values: recordSchema, was: recordSchema.optional() })
export type QuarantineEdit = z.infer<typeof quarantineEditSchema>

/** What differs between records that are refused for one reason: quoted values, identifiers, addresses, numbers. */
const varying =
  /“[^”]*”|"[^"]*"|'[^']*'|`[^`]*`|\b(?!custom\.)[a-z]{3,6}_[A-Za-z0-9]{8,}\b|[^\s@]+@[^\s@]+\.[^\s@]+|(?<![\w.])[-+]?\d[\d.,:T-]*/g

/** A reason without what differs from record to record. */
export function reasonPattern(message: string): string {
  return message.replaceAll(varying, '…').replaceAll(/…(?:[\s,]*…)+/g, '…')
}

const nameColumns = [
  'name',
  'display_name',
  'company',
  'company_name',
  'lead_name',
  'full_name',
  'contact_name',
  'title',
  'subject',
  'note',
  'email',
]

const plain = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '_')

/** What people call a record; null if nothing in it looks like a name. */
export function recordName(record: DataRecord): string | null {
  const columns = Object.keys(record)
  for (const wanted of nameColumns) {
    const column = columns.find((each) => plain(each) === wanted)
    const value = column === undefined ? undefined : valueIn(record, column)
    if (typeof value === 'string' && value.trim() !== '') return value.trim().slice(0, 200)
  }
  return null
}
