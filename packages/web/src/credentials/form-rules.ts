import {
  descriptionSchema,
  type FieldDefinition,
  type FieldValues,
  faultSentence,
  filledIn,
  lineSchema,
  type MethodDefinition,
  readFields,
} from '@latchwork/contract'

export const nameLabel = 'Credential Name'
export const descriptionLabel = 'Credential Description'

const nameLine = lineSchema(200)

/** What is wrong with a credential's name or description, as a sentence. */
export function textFaults(name: string, description: string): { name?: string; description?: string } {
  const nameFault = name.trim() === '' ? 'is required' : nameLine.safeParse(name).error?.issues[0]?.message
  const descriptionFault = descriptionSchema.safeParse(description).error?.issues[0]?.message
  return {
    ...(nameFault === undefined ? {} : { name: faultSentence(nameLabel, nameFault) }),
    ...(descriptionFault === undefined
      ? {}
      : { description: faultSentence(descriptionLabel, descriptionFault) }),
  }
}

/** Faults of a method's fields as sentences, by field. `stored`: secrets that the server has and that may stay blank. */
export function valueFaults(
  method: MethodDefinition,
  values: FieldValues,
  stored: readonly string[],
): Record<string, string> {
  const { faults } = readFields(method.fields, valuesToSend(method, values), {
    optional: (name) => stored.includes(name),
  })
  return Object.fromEntries(faults.map(({ field, message }) => [field, message]))
}

/** The values to send: of the fields that are drawn, without the blank ones. */
export function valuesToSend(method: MethodDefinition, values: FieldValues): Record<string, string> {
  return filledIn(method.fields, values)
}

/** The values that a method's form begins with. */
export function initialValues(method: MethodDefinition): FieldValues {
  return Object.fromEntries(
    method.fields.flatMap((field) =>
      field.defaultValue === undefined ? [] : [[field.name, field.defaultValue] as const],
    ),
  )
}

/** The server's fault of a field, without the part of its name that says where it stands in the request. */
export function serverFaults(
  errors: readonly { field: string; message: string }[] | undefined,
): Record<string, string> {
  return Object.fromEntries(
    (errors ?? []).map(({ field, message }) => [field.replace(/^values\./, ''), message]),
  )
}

/** The secret is a key that a person makes and deletes in the other system. */
export function isKeyMethod(method: Pick<MethodDefinition, 'fields'>): boolean {
  return method.fields.some(({ isKey }) => isKey === true)
}

/** The position of the guide's step that speaks of a field: as its definition says, or the first that names it. */
export function stepOf(
  guide: MethodDefinition['guide'],
  label: string,
  guideStep: FieldDefinition['guideStep'],
): number | null {
  if (guideStep !== undefined) return guideStep
  const named = guide.steps.findIndex((step) => step.text.includes(`**${label}**`))
  return named === -1 ? null : named
}
