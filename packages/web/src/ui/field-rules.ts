import { type FieldDefinition, lineSchema, maxValueLength, textSchema } from '@latchwork/contract'

/** The values of a form drawn from definitions, by the name of the field. */
export type FieldValues = Readonly<Record<string, string>>

const anyLine = lineSchema(maxValueLength)
const anyText = textSchema(maxValueLength)

/** White space, and characters that nobody sees and that a copied key may have picked up. */
const spaceOrInvisible = /[\s\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/
const surrounding = new RegExp(`^${spaceOrInvisible.source}+|${spaceOrInvisible.source}+$`, 'g')

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
  const trimmed = field.noInnerSpace === true ? value.replaceAll(surrounding, '') : value.trim()
  if (trimmed === '') return field.required ? 'is required' : null
  if (field.noInnerSpace === true && spaceOrInvisible.test(trimmed)) {
    return 'has a space or a line break inside. Copy it again, in one piece'
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
