import { type FieldDefinition, type FieldFault, LatchworkError } from '@latchwork/contract'
import type { Config } from './interface.ts'

/** A field's value, or its default where the form was not asked for it. Empty text if it has neither. */
export function fieldValue(fields: readonly FieldDefinition[], config: Config, name: string): string {
  const value = Object.hasOwn(config, name) ? config[name] : undefined
  if (value !== undefined && value !== '') return value
  return fields.find((field) => field.name === name)?.defaultValue ?? ''
}

/**
 * What the definitions say of a form: required fields are there, choices are offered ones, no field is unknown.
 * @returns field name to message; empty when the form is fine
 */
export function faultsOf(fields: readonly FieldDefinition[], config: Config): Record<string, string> {
  const faults: Record<string, string> = {}
  for (const name of Object.keys(config)) {
    if (!fields.some((field) => field.name === name)) faults[name] = 'is not a field of this form'
  }
  for (const field of fields) {
    const value = fieldValue(fields, config, field.name)
    const condition = field.visibleWhen
    const visible =
      condition === undefined || condition.values.includes(fieldValue(fields, config, condition.field))
    if (!visible) continue
    if (value.trim() === '') {
      if (field.required) faults[field.name] = 'is required'
    } else if (
      field.kind !== 'multiselect' &&
      field.options !== undefined &&
      !field.options.some((option) => option.value === value)
    ) {
      faults[field.name] = `must be one of ${field.options.map((option) => option.value).join(', ')}`
    }
  }
  return faults
}

/** @throws LatchworkError `invalid_input` with one fault a field, if there is any */
export function refuseFaults(faults: Record<string, string>): void {
  const errors: FieldFault[] = Object.entries(faults).map(([field, message]) => ({
    field,
    rule: 'form',
    message,
  }))
  const [first] = errors
  if (first === undefined) return
  throw new LatchworkError('invalid_input', { message: `${first.field} ${first.message}.`, errors })
}
