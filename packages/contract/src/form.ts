import type { FieldDefinition } from './connector.ts'
import { isDay } from './day.ts'
import type { FieldFault } from './errors.ts'
import { mappingFault, readMapping } from './mapping.ts'
import {
  directionFault,
  faultSentence,
  isLongerThan,
  maxTextLength,
  maxValueLength,
  shownName,
  spaceOrInvisible,
  textFault,
} from './text.ts'

/*
 * The rules of the forms that connectors define: of a credential, a source, a destination. The server, the page, the
 * command line and the connectors all read a form by these functions, so that all find the same faults in it.
 */

/** The values of a form, by the name of the field. Always text: `true`, `5432`, `a,b`. */
export type FieldValues = Readonly<Record<string, string>>

type Fields = readonly FieldDefinition[]

/** The value of a field: the given one, trimmed, or else the default. Empty text if there is neither. */
export function fieldValue(fields: Fields, given: FieldValues, name: string): string {
  const field = fields.find((each) => each.name === name)
  return field === undefined ? '' : givenValue(field, given) || defaultOf(field)
}

/** Whether a field applies. Another field's value may decide it, and that field has to apply itself. */
export function isVisible(field: FieldDefinition, fields: Fields, given: FieldValues): boolean {
  const { visibleWhen } = field
  if (visibleWhen === undefined) return true
  // The field itself is left out, so that circular conditions terminate.
  const others = fields.filter(({ name }) => name !== field.name)
  const deciding = others.find(({ name }) => name === visibleWhen.field)
  if (deciding === undefined || !isVisible(deciding, others, given)) return false
  return visibleWhen.values.includes(fieldValue(fields, given, deciding.name))
}

/** The fields that apply, in their order. */
export function visibleFields(fields: Fields, given: FieldValues): FieldDefinition[] {
  return fields.filter((field) => isVisible(field, fields, given))
}

/** Values without those of fields that do not apply. Nothing else is left out. */
export function applicable(fields: Fields, values: FieldValues): Record<string, string> {
  const hidden = fields.filter((field) => !isVisible(field, fields, values))
  const isHidden = (name: string) => hidden.some((field) => field.name === name)
  return Object.fromEntries(Object.entries(values).filter(([name]) => !isHidden(name)))
}

/** The values that a form sends: those of the visible fields, without the blank ones. */
export function filledIn(fields: Fields, typed: FieldValues): Record<string, string> {
  const filled = visibleFields(fields, typed).filter((field) => givenValue(field, typed) !== '')
  return Object.fromEntries(filled.map(({ name }) => [name, typed[name] ?? '']))
}

/** Why stored values are cleared by a change: a sentence for each whose field no longer applies. */
export function whyCleared(fields: Fields, stored: FieldValues, change: FieldValues): string[] {
  const next = { ...stored, ...change }
  return fields
    .filter((field) => isVisible(field, fields, stored) && !isVisible(field, fields, next))
    .filter((field) => givenValue(field, stored) !== '')
    .map((field) =>
      faultSentence(field.label, `${conditionOf(field, fields)}: what is stored for it is removed`),
    )
}

/** The choices in a `multiselect` field's value, each once. */
export function listOf(text: string): string[] {
  return [...new Set(text.split(/[,\s]+/).filter((each) => each !== ''))]
}

export interface ReadOptions {
  /** Fields that may be missing, and then get no default: those that are stored already, or all of a draft's. */
  readonly optional?: (name: string) => boolean
  /** The stored values of fields that are not given: they decide which other fields apply. */
  readonly stored?: FieldValues
  /** Faults that only the connector knows, by field, each as the rest of a sentence. Asked for a form without others. */
  readonly own?: (values: FieldValues) => Readonly<Record<string, string>>
}

/**
 * Reads a form.
 * @returns the values of the fields that apply and are filled in, defaults included; and the faults, at most 20, each with
 * the name of its field, a rule (`required`, `not_applicable`, `space`, `text`, `too_big`, `number`, `date`, `switch`, `choice`,
 * `mapping`, `unknown`, `form`) and a sentence that does not repeat the value
 */
export function readFields(
  fields: Fields,
  given: FieldValues,
  { optional = () => false, stored = {}, own }: ReadOptions = {},
): { values: Record<string, string>; faults: FieldFault[] } {
  const faults: FieldFault[] = []
  const entries: [string, string][] = []
  const all = { ...stored, ...given }
  for (const field of fields) {
    const typed = givenValue(field, given)
    if (!isVisible(field, fields, all)) {
      if (typed !== '')
        faults.push(faultOf(field, 'not_applicable', `${conditionOf(field, fields)}. Leave it out`))
      continue
    }
    const isOptional = optional(field.name)
    const value = typed === '' && !isOptional ? defaultOf(field) : typed
    if (value === '') {
      if (field.required && !isOptional) faults.push(faultOf(field, 'required', requirementOf(field)))
      continue
    }
    const broken = brokenRule(field, value) ?? unmappedRule(field, value, fields, all)
    if (broken === null) entries.push([field.name, value])
    else faults.push(faultOf(field, ...broken))
  }
  for (const name of Object.keys(given)) {
    if (fields.some((field) => field.name === name)) continue
    const message = `There is no field of this name: ${shownName(name)}.`
    faults.push({ field: name.slice(0, 64), rule: 'unknown', message })
  }
  const values = Object.fromEntries(entries)
  if (faults.length === 0 && own !== undefined) {
    const found = own(values)
    for (const field of fields) {
      const rest = Object.hasOwn(found, field.name) ? found[field.name] : undefined
      if (rest !== undefined) faults.push(faultOf(field, 'form', rest))
    }
  }
  return { values, faults: faults.slice(0, 20) }
}

function faultOf({ name, label }: FieldDefinition, rule: string, rest: string): FieldFault {
  return { field: name, rule, message: faultSentence(label, rest) }
}

const surroundingSpace = new RegExp(`^${spaceOrInvisible.source}+|${spaceOrInvisible.source}+$`, 'g')

/** A password may begin with a space; a key can't, and a name shouldn't. */
function cleanValue(field: FieldDefinition, value: string): string {
  if (field.noInnerSpace === true) return value.replaceAll(surroundingSpace, '')
  if (field.kind === 'multiselect') return listOf(value).join(',')
  if (field.kind === 'secret') return value.trim() === '' ? '' : value
  return value.trim()
}

function givenValue(field: FieldDefinition, given: FieldValues): string {
  return Object.hasOwn(given, field.name) ? cleanValue(field, given[field.name] ?? '') : ''
}

function defaultOf(field: FieldDefinition): string {
  return cleanValue(field, field.defaultValue ?? '')
}

function requirementOf(field: FieldDefinition): string {
  return (field.kind === 'mapping' ? mappingFault([]) : null) ?? 'is required'
}

function conditionOf({ visibleWhen }: FieldDefinition, fields: Fields): string {
  const deciding = fields.find(({ name }) => name === visibleWhen?.field)
  const values = visibleWhen?.values.join(' or ') ?? ''
  return `applies only where ${deciding?.label ?? visibleWhen?.field} is ${values}`
}

/** The first rule that a value breaks, and the rest of a sentence about it. */
function brokenRule(field: FieldDefinition, value: string): [rule: string, rest: string] | null {
  if (field.noInnerSpace === true && spaceOrInvisible.test(value)) {
    return ['space', 'has a space or a line break inside. Copy it again, in one piece']
  }
  const hasLines = field.kind === 'textarea' || field.kind === 'mapping'
  // Nobody is shown a secret, and a mapping names columns as the source has them.
  const isShown = field.kind !== 'secret' && field.kind !== 'mapping'
  const unfit = textFault(value, hasLines ? 'lines' : 'line') ?? (isShown ? directionFault(value) : null)
  if (unfit !== null) return ['text', unfit]
  const limit = hasLines ? maxTextLength : maxValueLength
  if (isLongerThan(value, limit)) return ['too_big', `may have at most ${limit} characters`]
  return kindFault(field, value)
}

function kindFault(field: FieldDefinition, value: string): [rule: string, rest: string] | null {
  switch (field.kind) {
    case 'number': {
      const { min = 0, max = 999_999_999_999 } = field
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
      return number >= min && number <= max
        ? null
        : ['number', `must be a whole number from ${min} to ${max}`]
    }
    case 'date':
      return isDay(value) ? null : ['date', 'must be a day such as 2026-01-31, or such as 30 days ago']
    case 'select':
      return isOffered(field, value) ? null : ['choice', `must be one of ${choicesOf(field)}`]
    case 'multiselect':
      return listOf(value).every((each) => isOffered(field, each))
        ? null
        : ['choice', `must be some of ${choicesOf(field)}, with commas between them`]
    case 'mapping': {
      const fault = mappingFault(readMapping(value))
      return fault === null ? null : ['mapping', fault]
    }
    default:
      return null
  }
}

/** What of a mapping's required targets nothing goes into. */
function unmappedRule(
  field: FieldDefinition,
  value: string,
  fields: Fields,
  given: FieldValues,
): [rule: string, rest: string] | null {
  const mapped = readMapping(value)?.map(({ to }) => to) ?? []
  const missing = requiredTargets(field, fields, given).find(
    ({ anyOf }) => !anyOf.some((target) => mapped.includes(target)),
  )
  return missing === undefined ? null : ['mapping', missing.message]
}

/** What has to be mapped in a form with these values. */
export function requiredTargets(field: FieldDefinition, fields: Fields, given: FieldValues) {
  return (field.requiredTargets ?? []).filter(({ when }) =>
    when.every((each) => each.values.includes(fieldValue(fields, given, each.field))),
  )
}

function isOffered({ options }: FieldDefinition, value: string): boolean {
  return options === undefined || options.some((option) => option.value === value)
}

function choicesOf({ options = [] }: FieldDefinition): string {
  return options.map(({ value }) => value).join(', ')
}
