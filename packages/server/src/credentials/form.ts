import {
  type FieldDefinition,
  type FieldFault,
  isFieldShown,
  type MethodDefinition,
  textFault,
} from '@latchwork/contract'
import { invalidInput, sentence, shownName } from '../http/input.ts'

/** What a person filled in, told apart by what may be shown again. Blank fields are left out. */
export interface FormValues {
  readonly values: Record<string, string>
  readonly secrets: Record<string, string>
}

interface Strictness {
  /** Fields that may be missing: those stored already, or all of a draft's. */
  readonly optional: (field: string) => boolean
  /** What the fields that are not given hold already: it decides which others apply. */
  readonly stored?: Readonly<Record<string, string>>
}

/** White space, and characters that nobody sees and that a copied key may have picked up. */
const spaceOrInvisible = /[\s\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/
const surroundingSpace = new RegExp(`^${spaceOrInvisible.source}+|${spaceOrInvisible.source}+$`, 'g')

/**
 * Holds the form's values against the method's definition.
 * @throws {LatchworkError} `invalid_input`, a fault a field, named `values.<field>`; no value is repeated
 */
export function readForm(
  method: MethodDefinition,
  given: Readonly<Record<string, string>>,
  strictness: Strictness = { optional: () => false },
): FormValues {
  const faults: FieldFault[] = []
  const fault = (field: string, rule: string, message: string) =>
    faults.push({ field: `values.${field}`, rule, message })

  const known = new Map(method.fields.map((field) => [field.name, field]))
  for (const name of Object.keys(given)) {
    if (!known.has(name)) {
      fault(name.slice(0, 64), 'unknown', `${method.label} has no field of this name: ${shownName(name)}.`)
    }
  }
  const form: FormValues = { values: {}, secrets: {} }
  for (const field of method.fields) {
    if (!isFieldShown(field, method.fields, { ...strictness.stored, ...given })) continue
    const optional = strictness.optional(field.name)
    const unset = optional ? '' : (field.defaultValue ?? '')
    const value = cleanValue(field, Object.hasOwn(given, field.name) ? (given[field.name] ?? '') : unset)
    if (value === '') {
      if (field.required && !optional) {
        fault(field.name, 'required', sentence(field.label, 'is required'))
      }
      continue
    }
    const broken = brokenRule(field, value)
    if (broken === null) (field.kind === 'secret' ? form.secrets : form.values)[field.name] = value
    else fault(field.name, broken.rule, sentence(field.label, broken.message))
  }
  if (faults.length > 0) throw invalidInput(faults)
  return form
}

/** A password may begin with a space; a key can't, and a name shouldn't. */
function cleanValue(field: FieldDefinition, value: string): string {
  if (field.noInnerSpace === true) return value.replaceAll(surroundingSpace, '')
  if (field.kind === 'secret') return value.trim() === '' ? '' : value
  return value.trim()
}

function brokenRule(field: FieldDefinition, value: string): { rule: string; message: string } | null {
  if (field.noInnerSpace === true && spaceOrInvisible.test(value)) {
    return { rule: 'space', message: 'has a space or a line break inside. Copy it again, in one piece' }
  }
  const message = textFault(value, field.kind === 'textarea' ? 'lines' : 'line')
  if (message !== null) return { rule: 'control', message }
  if (field.kind === 'number' && !/^\d{1,12}$/.test(value)) {
    return { rule: 'number', message: 'must be a whole number' }
  }
  if (field.kind === 'select' && field.options?.some((option) => option.value === value) === false) {
    const choices = field.options.map((option) => option.value).join(', ')
    return { rule: 'choice', message: `must be one of ${choices}` }
  }
  return null
}
