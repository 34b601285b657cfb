import {
  applicable,
  type FieldValues,
  type MethodDefinition,
  type ReadOptions,
  readFields,
} from '@latchwork/contract'
import { invalidInput, under } from '../../http/input.ts'

/** The fields that a person filled in, divided by whether they may be shown again. Blank fields are left out. */
export interface FormValues {
  readonly values: Record<string, string>
  readonly secrets: Record<string, string>
}

/**
 * Reads the form of a method.
 * @throws {LatchworkError} `invalid_input`, with one fault for each field, named `values.<field>`; no value is repeated
 */
export function readForm(
  { fields }: Pick<MethodDefinition, 'fields'>,
  given: FieldValues,
  options: ReadOptions = {},
): FormValues {
  const read = readFields(fields, given, options)
  if (read.faults.length > 0) throw invalidInput(under('values', read.faults))
  const form: FormValues = { values: {}, secrets: {} }
  for (const { name, kind } of fields) {
    const value = read.values[name]
    if (value !== undefined) (kind === 'secret' ? form.secrets : form.values)[name] = value
  }
  return form
}

/**
 * The values that are not secret, after a change. Clears fields given blank, and stored ones that no longer apply.
 * @param read the result of `readForm` for `given`
 */
export function changedValues(
  { fields }: Pick<MethodDefinition, 'fields'>,
  stored: FieldValues,
  given: FieldValues,
  read: FormValues,
): Record<string, string> {
  const unchanged = Object.entries(stored).filter(([field]) => !Object.hasOwn(given, field))
  return applicable(fields, { ...Object.fromEntries(unchanged), ...read.values })
}

export function sameValues(a: FieldValues, b: FieldValues): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
