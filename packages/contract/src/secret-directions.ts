import type { FieldDefinition, MethodDefinition } from './connector.ts'
import { type FieldValues, fieldValue, isVisible } from './form.ts'

type Fields = Pick<MethodDefinition, 'fields'>

/**
 * The values of the fields that decide where a method's secrets go: what is filled in, or else the default; empty text for
 * a field that does not show.
 */
export function secretDirections({ fields }: Fields, values: FieldValues): Record<string, string> {
  return Object.fromEntries(
    fields
      .filter(({ decidesPlace }) => decidesPlace === true)
      .map((field) => [
        field.name,
        isVisible(field, fields, values) ? fieldValue(fields, values, field.name) : '',
      ]),
  )
}

/** The fields by which `next` would send the secrets elsewhere, or otherwise protected, than `stored` does. */
export function redirectingFields(method: Fields, stored: FieldValues, next: FieldValues): FieldDefinition[] {
  const [before, after] = [secretDirections(method, stored), secretDirections(method, next)]
  return method.fields.filter(({ name }) => before[name] !== after[name])
}

/** Why a secret is asked for again although it is stored. */
export function whySecretAgain(secret: FieldDefinition, redirecting: readonly FieldDefinition[]): string {
  const labels = redirecting.map(({ label }) => label).join(', ')
  return `Enter the ${secret.label} again, because you change where it is sent or how it is protected on the way (${labels}).`
}
