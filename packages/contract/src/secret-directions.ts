import type { FieldDefinition, MethodDefinition } from './connector.ts'

type Values = Readonly<Record<string, string>>
type Fields = Pick<MethodDefinition, 'fields'>

/**
 * The values of the fields that decide where a method's secrets go: what is filled in, or else the default; empty text for
 * a field that does not show.
 */
export function secretDirections({ fields }: Fields, values: Values): Record<string, string> {
  return Object.fromEntries(
    fields
      .filter(({ decidesPlace }) => decidesPlace === true)
      .map((field) => [field.name, isFieldShown(field, fields, values) ? valueOrDefault(field, values) : '']),
  )
}

/** The fields by which `next` would send the secrets elsewhere, or otherwise protected, than `stored` does. */
export function redirectingFields(method: Fields, stored: Values, next: Values): FieldDefinition[] {
  const [before, after] = [secretDirections(method, stored), secretDirections(method, next)]
  return method.fields.filter(({ name }) => before[name] !== after[name])
}

/** Why a secret is asked for again although it is stored. */
export function whySecretAgain(secret: FieldDefinition, redirecting: readonly FieldDefinition[]): string {
  const labels = redirecting.map(({ label }) => label).join(', ')
  return `Enter the ${secret.label} again: where it is sent, or how it is protected on the way, changes (${labels}).`
}

/** Whether a field applies, given what the others hold or, where they are blank, their defaults. */
export function isFieldShown(
  { visibleWhen }: FieldDefinition,
  fields: readonly FieldDefinition[],
  values: Values,
): boolean {
  if (visibleWhen === undefined) return true
  const deciding = fields.find(({ name }) => name === visibleWhen.field)
  return deciding !== undefined && visibleWhen.values.includes(valueOrDefault(deciding, values))
}

function valueOrDefault(field: FieldDefinition, values: Values): string {
  const value = Object.hasOwn(values, field.name) ? (values[field.name] ?? '') : ''
  return value === '' ? (field.defaultValue ?? '') : value
}
