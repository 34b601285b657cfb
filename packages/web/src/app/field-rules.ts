import { type FieldDefinition, lineSchema, maxValueLength, textSchema } from '@latchwork/contract'

/** The values of a form drawn from definitions, by the name of the field. */
export type FieldValues = Readonly<Record<string, string>>

const anyLine = lineSchema(maxValueLength)
const anyText = textSchema(maxValueLength)

/** Whether a field is drawn, given the others' values. */
export function isFieldVisible(field: FieldDefinition, values: FieldValues): boolean {
  if (field.visibleWhen === undefined) return true
  return field.visibleWhen.values.includes(values[field.visibleWhen.field] ?? '')
}

/**
 * What is wrong with a field's value, as the rest of a sentence that begins with the field's label; null if nothing is.
 * The server has the same rules and the last word.
 */
export function fieldFault(field: FieldDefinition, value: string): string | null {
  const trimmed = value.trim()
  if (trimmed === '') return field.required ? 'is required' : null
  if (field.noInnerSpace === true && /\s/.test(trimmed)) {
    return 'may not contain spaces or line breaks. Copy it again, whole and by itself'
  }
  const parsed = (field.kind === 'textarea' ? anyText : anyLine).safeParse(value)
  if (!parsed.success) return parsed.error.issues[0]?.message ?? "can't be used"
  if (field.kind === 'number' && !/^-?\d+$/.test(trimmed)) return 'must be a whole number'
  if (
    field.options !== undefined &&
    field.kind === 'select' &&
    !field.options.some((o) => o.value === trimmed)
  ) {
    return 'must be one of the choices'
  }
  return null
}

/** A fault as a sentence: "API Key is required." Faults that are sentences already stay as they are. */
export function faultSentence(label: string, fault: string): string {
  const sentence = /^\p{Ll}/u.test(fault) ? `${label} ${fault}` : fault
  return /[.?]$/.test(sentence) ? sentence : `${sentence}.`
}
