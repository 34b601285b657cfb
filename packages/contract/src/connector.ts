import { z } from 'zod'

/*
 * What a connector says of itself. The page draws the credential form, the guide beside it and the form of a source or
 * destination from this, so that adding a system adds a folder to `connectors` and nothing to the page.
 */

/** Text of a guide: may hold `code` in backticks and **strong** words, nothing else. */
const guideText = z.string()

export const linkSchema = z.object({ label: z.string(), url: z.string() })

/** A condition on the value of another field. */
const conditionSchema = z.object({ field: z.string(), values: z.array(z.string()) })

/** A choice of a field. Those of one `group` stand together. */
export const fieldOptionSchema = z.object({
  value: z.string(),
  label: z.string(),
  help: z.string().optional(),
  group: z.string().optional(),
})
export type FieldOption = z.infer<typeof fieldOptionSchema>

export const fieldSchema = z.object({
  name: z.string(),
  label: z.string(),
  kind: z.enum(['text', 'secret', 'number', 'date', 'select', 'multiselect', 'textarea', 'file', 'mapping']),
  required: z.boolean(),
  /** Shown under the field. */
  help: z.string().optional(),
  placeholder: z.string().optional(),
  defaultValue: z.string().optional(),
  /**
   * What the field of a destination is filled in with when it is made: `{source}` is what its source reads, another
   * word in braces the value of the field of that name. "{source}.{format}" becomes "leads.csv".
   */
  suggestion: z.string().optional(),
  options: z.array(fieldOptionSchema).optional(),
  /** The choices are the account's own: they are asked for where they are needed, and chosen by name. */
  optionsFrom: z.literal('account').optional(),
  /** The smallest and the largest number that a field of kind `number` takes: whole numbers from 0 on. */
  min: z.number().int().nonnegative().optional(),
  max: z.number().int().nonnegative().optional(),
  /** The field applies only while another field has one of these values. */
  visibleWhen: conditionSchema.optional(),
  links: z.array(linkSchema).optional(),
  /** Decides where the method's secrets are sent, or how they are protected on the way there. */
  decidesPlace: z.boolean().optional(),
  /** White space inside is refused (around it is trimmed): keys and tokens. */
  noInnerSpace: z.boolean().optional(),
  /** A key that a person makes and deletes in the other system: replaced in steps, and told by its last characters. */
  isKey: z.boolean().optional(),
  /** Of a mapping: what has to be mapped while all conditions hold, one of `anyOf` at least. */
  requiredTargets: z
    .array(z.object({ anyOf: z.array(z.string()), when: z.array(conditionSchema), message: z.string() }))
    .optional(),
  /** The position of the guide step that speaks of this field. */
  guideStep: z.number().int().optional(),
})
export type FieldDefinition = z.infer<typeof fieldSchema>

export const guideSchema = z.object({
  title: z.string(),
  steps: z.array(z.object({ text: guideText, link: linkSchema.optional() })),
  warnings: z.array(guideText),
  links: z.array(linkSchema),
})

export const methodSchema = z.object({
  id: z.string(),
  label: z.string(),
  /** One line: how it authenticates. */
  summary: z.string(),
  /** What the method is best for. */
  bestFor: z.string(),
  /** `direct`: the fields are the credential. `oauth2`: the fields start a three-legged authorization. */
  flow: z.enum(['direct', 'oauth2']),
  fields: z.array(fieldSchema),
  guide: guideSchema,
})
export type MethodDefinition = z.infer<typeof methodSchema>

export const templateSchema = z.object({
  id: z.string(),
  label: z.string(),
  description: z.string(),
  icon: z.string(),
  /** Values for the fields of a source or destination. */
  config: z.record(z.string(), z.string()),
})

export const directionSchema = z.object({
  templates: z.array(templateSchema),
  /** The id of the one that a new form begins with. */
  defaultTemplate: z.string().optional(),
  fields: z.array(fieldSchema),
})

export const sourceDirectionSchema = directionSchema.extend({
  /** Every record has a key, whatever is read; left out: that depends on what is read. */
  keyed: z.literal(true).optional(),
  /** The system itself says of which type its columns are; left out: that is found by looking at values. */
  columns: z.literal('typed').optional(),
  /** While a field has one of these values, the form names nothing to read: each flow chooses its streams. */
  flowChooses: conditionSchema.optional(),
})

/** What a record is called: "lead", "leads". */
const recordWordsSchema = z.object({ one: z.string(), many: z.string() })
export type RecordWords = z.infer<typeof recordWordsSchema>

/** What writing the same records again does to a destination. */
export const repeatSchema = z.union([
  z.object({
    /** What it makes of a record, by the value of the field `of`. */
    of: z.string(),
    words: z.record(z.string(), recordWordsSchema),
    /** The same records are made again while this field has one of these values; otherwise repeating is safe. */
    createsWhen: conditionSchema,
  }),
  /** Records that have no key are added again, and called this. */
  z.object({ withoutKey: recordWordsSchema }),
])

/** What a destination can do, for who chooses it. */
export const abilitiesSchema = z.object({
  /** What it can do about records that the source does not have any more, besides leaving them. */
  follows: z.array(z.enum(['mark', 'remove'])),
  /** In a sentence or two each: where the streams of a flow go, */
  streams: z.string(),
  /** what becomes of deleted records, */
  deletions: z.string(),
  /** of columns that are new, or have another type, */
  evolution: z.string(),
  /** and of records that are written again. */
  repeat: z.string(),
})
export type Abilities = z.infer<typeof abilitiesSchema>

export const destinationDirectionSchema = directionSchema.extend({
  /** `whole`: each run replaces all that is there, and single records can't be added. */
  writes: z.enum(['records', 'whole']),
  /** A flow into it reads one stream: the form says what becomes of the records. Left out: any number. */
  takes: z.literal('one stream').optional(),
  /**
   * What it makes of the columns of a stream. `named`: they are called there as the flow says. `typed`: they also have a
   * type there, so that one whose type changes is not written before somebody has decided. Left out: it has fields of its own.
   */
  columns: z.enum(['named', 'typed']).optional(),
  /** A list of a record can have a table of its own. Left out: it stays in its column. */
  lists: z.literal('tables').optional(),
  /** The field of the form that names a schema, which a flow may say otherwise for its own tables. Left out: there are none. */
  schemaField: z.string().optional(),
  /** Null: a run may be repeated at any time, nothing is made twice. */
  repeat: repeatSchema.nullable(),
  abilities: abilitiesSchema,
})

export const cureSchema = z.object({
  /** What happened, in three or four words. */
  what: z.string(),
  /** What to do, as a sentence. */
  todo: z.string(),
  /** It passes by itself: nobody has to go to the credential. */
  passes: z.boolean(),
})
export type Cure = z.infer<typeof cureSchema>

export const connectorSchema = z.object({
  id: z.string(),
  label: z.string(),
  description: z.string(),
  /** A name of the page's set of pictures. */
  icon: z.string(),
  /** What an account of this system is called on the page: "organization", "database". */
  accountWord: z.string(),
  /** Empty: the connector needs no credential. */
  methods: z.array(methodSchema),
  /** What to do about a reason that its credentials can have, by code: what this system has words of its own for. */
  cures: z.record(z.string(), cureSchema),
  source: sourceDirectionSchema.nullable(),
  destination: destinationDirectionSchema.nullable(),
})
export type ConnectorDefinition = z.infer<typeof connectorSchema>
