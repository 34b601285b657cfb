import { invalid } from '../api/errors.ts'
import { notServed } from '../api/not-served.ts'
import { parseMoment } from '../clock.ts'
import type { Organization } from '../data/organization.ts'
import { appliesTo } from '../data/sample-source.ts'
import { type Json, type JsonObject, listOf, textOf } from '../json.ts'
import { FieldProblem } from './validate.ts'

const KEY = /^custom\.(.+?)(?:\.(add|remove))?$/

/**
 * The `custom.cf_...` values of a body (`custom.NAME` too), checked against the definitions. A value of null unsets.
 * `custom.cf_x.add` and `.remove` change one value of a field that holds several.
 * @param objectType the definitions' object type: `lead`, `contact`, `opportunity`, `activity`, ...
 * @param current the record that is updated
 * @throws ApiError 400 with one message for each field
 */
export function customValuesOf(
  body: JsonObject,
  objectType: string,
  organization: Organization,
  current: JsonObject = {},
): JsonObject {
  const values: JsonObject = {}
  const problems: Record<string, Json> = {}
  if (body['custom'] !== undefined) throw notServed('values in one `custom` object')
  for (const [key, value] of Object.entries(body)) {
    const match = KEY.exec(key)
    if (!match) continue
    const [, name = '', operation] = match
    const definition = customFieldOf(name, objectType, organization)
    if (!definition) {
      problems[key] = `Unknown custom field for ${objectType}.`
      continue
    }
    const stored = `custom.${textOf(definition, 'id')}`
    try {
      values[stored] = operation
        ? changedList(
            listOf({ ...current, ...values }, stored),
            operation,
            oneValue(value, definition, organization),
          )
        : wholeValue(value, definition, organization)
    } catch (problem) {
      if (!(problem instanceof FieldProblem)) throw problem
      problems[key] = problem.detail
    }
  }
  if (Object.keys(problems).length > 0) throw invalid(problems)
  return values
}

/** A definition by its id or, as Close has deprecated and still takes it, by its name. */
export function customFieldOf(
  idOrName: string,
  objectType: string,
  { settings }: Organization,
): JsonObject | undefined {
  const own = settings.custom_field.all().filter((field) => appliesTo(field, objectType))
  return own.find(({ id }) => id === idOrName) ?? own.find(({ name }) => name === idOrName)
}

function changedList(before: readonly Json[], operation: string, value: Json): Json {
  const without = before.filter((other) => other !== value)
  const after = operation === 'add' ? [...without, value] : without
  return after.length === 0 ? null : after
}

function wholeValue(value: Json, definition: JsonObject, organization: Organization): Json {
  if (value === null) return null
  if (definition['accepts_multiple_values'] !== true) return oneValue(value, definition, organization)
  const values = Array.isArray(value) ? value : [value]
  return values.length === 0 ? null : values.map((each) => oneValue(each, definition, organization))
}

function oneValue(value: Json, definition: JsonObject, organization: Organization): Json {
  switch (textOf(definition, 'type')) {
    case 'number':
      if (typeof value !== 'number') throw new FieldProblem('Input should be a valid number')
      return value
    case 'date':
      if (typeof value !== 'string' || value.length !== 10 || parseMoment(value) === null) {
        throw new FieldProblem('Input should be a valid date')
      }
      return value
    case 'datetime':
      if (typeof value !== 'string' || parseMoment(value) === null) {
        throw new FieldProblem('Input should be a valid datetime')
      }
      return value
    case 'choices':
      if (!listOf(definition, 'choices').includes(value))
        throw new FieldProblem('The value is not one of the choices.')
      return value
    case 'user':
      return userIn(value, organization)
    case 'contact':
      if (typeof value !== 'string' || !organization.tables.contact.get(value))
        throw new FieldProblem('Unknown contact.')
      return value
    default:
      if (typeof value !== 'string') throw new FieldProblem('Input should be a valid string')
      return value
  }
}

/** A user can be given by id or by exact name; the id is stored. */
function userIn(value: Json, { accounts, id }: Organization): string {
  const user = accounts
    .usersOf(id)
    .find((member) => member.id === value || accounts.nameOf(member.id) === value)
  if (!user) throw new FieldProblem('Unknown user.')
  return user.id
}
