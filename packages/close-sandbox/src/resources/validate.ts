import { invalid } from '../api/errors.ts'
import { parseMoment } from '../clock.ts'
import type { Organization, TableName } from '../data/organization.ts'
import type { CollectionName } from '../data/settings.ts'
import type { Json, JsonObject } from '../json.ts'

/** The reason why a value is refused. The message goes under the field's name. */
export class FieldProblem extends Error {
  readonly detail: Json

  constructor(detail: Json) {
    super('The value is not valid.')
    this.detail = detail
  }
}

/** Checks a sent value and returns it in the form to store. @throws FieldProblem */
export type Rule = (value: Json, organization: Organization) => Json

export type Rules = Readonly<Record<string, Rule>>

export const text: Rule = (value) => {
  if (typeof value !== 'string') throw new FieldProblem('Input should be a valid string')
  return value
}

export const filledText: Rule = (value, organization) => {
  if (text(value, organization) === '') throw new FieldProblem('This field may not be blank.')
  return value
}

export const wholeNumber: Rule = (value) => {
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new FieldProblem('Input should be a valid integer')
  return value
}

export const percent: Rule = (value, organization) => {
  const number = wholeNumber(value, organization)
  if (typeof number === 'number' && (number < 0 || number > 100)) {
    throw new FieldProblem('Input should be between 0 and 100')
  }
  return number
}

export const flag: Rule = (value) => {
  if (typeof value !== 'boolean') throw new FieldProblem('Input should be a valid boolean')
  return value
}

export const list: Rule = (value) => {
  if (!Array.isArray(value)) throw new FieldProblem('Input should be a valid list')
  return value
}

export const anything: Rule = (value) => value

/** A date (`2026-01-31`) or a date and time. */
export const moment: Rule = (value) => {
  if (typeof value !== 'string' || parseMoment(value) === null) {
    throw new FieldProblem('Input should be a valid date or datetime')
  }
  return value
}

export const date: Rule = (value) => {
  if (typeof value !== 'string' || value.length !== 10 || parseMoment(value) === null) {
    throw new FieldProblem('Input should be a valid date')
  }
  return value
}

export function nullable(rule: Rule): Rule {
  return (value, organization) => (value === null ? null : rule(value, organization))
}

export function oneOf(choices: readonly string[]): Rule {
  return (value) => {
    if (typeof value !== 'string' || !choices.includes(value)) {
      throw new FieldProblem(`Input should be one of: ${choices.join(', ')}`)
    }
    return value
  }
}

/** The id of an existing record of the same organization. */
export function recordId(table: TableName): Rule {
  return (value, { tables }) => {
    if (typeof value !== 'string' || !tables[table].get(value)) throw new FieldProblem(`Unknown ${table}.`)
    return value
  }
}

/** The id of an existing setting: a status, a pipeline, ... */
export function settingId(collection: CollectionName): Rule {
  return (value, { settings }) => {
    if (typeof value !== 'string' || !settings[collection].get(value)) {
      throw new FieldProblem(`Unknown ${collection.replaceAll('_', ' ')}.`)
    }
    return value
  }
}

/** The id of a member of the organization. */
export const userId: Rule = (value, organization) => {
  if (typeof value !== 'string' || !organization.accounts.membership(value, organization.id)) {
    throw new FieldProblem('Unknown user.')
  }
  return value
}

/** Rich text within `<body>...</body>`, as Close requires. */
export const richText: Rule = (value) => {
  if (typeof value !== 'string' || !/^\s*<body>[\s\S]*<\/body>\s*$/.test(value)) {
    throw new FieldProblem('Rich text must be wrapped in a <body> tag.')
  }
  return value
}

/**
 * Checks the known fields of a body. Unknown fields are accepted and dropped, as Close does.
 * @param required fields that must be there and not null
 * @throws ApiError 400 with one message for each field
 */
export function checkedFields(
  body: JsonObject,
  rules: Rules,
  organization: Organization,
  required: readonly string[] = [],
): JsonObject {
  const fields: JsonObject = {}
  const problems: Record<string, Json> = {}
  for (const field of required) {
    if (body[field] === undefined || body[field] === null) problems[field] = 'This field is required.'
  }
  for (const [field, rule] of Object.entries(rules)) {
    const value = body[field]
    if (value === undefined || problems[field] !== undefined) continue
    try {
      fields[field] = rule(value, organization)
    } catch (problem) {
      if (!(problem instanceof FieldProblem)) throw problem
      problems[field] = problem.detail
    }
  }
  if (Object.keys(problems).length > 0) throw invalid(problems)
  return fields
}
