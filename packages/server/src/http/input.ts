import {
  type FieldFault,
  faultSentence,
  type InputFault,
  type InputLimits,
  inputFaults,
  LatchworkError,
  shownName,
  type TextForm,
} from '@latchwork/contract'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

/** The name of a field in a sentence: `accessTokenExpiresAt` → `Access token expires at`. */
function fieldLabel(field: string): string {
  // An entry of a list is called by the list.
  const last = field.split('.').findLast((part) => !/^\d+$/.test(part)) ?? field
  const words = last.replaceAll(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => {
    return `${before} ${after.toLowerCase()}`
  })
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Faults of a form, with the fields' names in the request: `host` becomes `values.host`. */
export function under(prefix: string, faults: readonly FieldFault[]): FieldFault[] {
  return faults.map((fault) => ({ ...fault, field: `${prefix}.${fault.field}` }))
}

/** One error for all faults of a request's fields. Its message is the first of them. */
export function invalidInput(faults: readonly FieldFault[]): LatchworkError {
  const [first, ...others] = faults
  if (first === undefined) return new LatchworkError('invalid_input')
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return new LatchworkError('invalid_input', { message: first.message + more, errors: [...faults] })
}

/**
 * Parses one part of a request by its schema. Texts that no field may hold are refused before.
 * @param form whether texts of this part may have several lines
 * @param limits how long they may be, where it is not as usual
 * @throws {LatchworkError} `invalid_input` with one fault for each field; values are not repeated
 */
export function parseInput<S extends z.ZodType>(
  schema: S,
  value: unknown,
  form: TextForm = 'lines',
  limits?: InputLimits,
): z.output<S> {
  const refused = inputFaults(value, form, limits).map(faultOf)
  // A part that is too large is not read any further.
  if (refused.some(({ field }) => field === '')) throw invalidInput(refused)
  const result = schema.safeParse(value, { error: describeIssue })
  if (result.success && refused.length === 0) return result.data
  const faults = (result.error?.issues ?? []).slice(0, 20).flatMap(faultsOf)
  const named = new Set(faults.map(({ field }) => field))
  throw invalidInput([...faults, ...refused.filter(({ field }) => !named.has(field))])
}

/**
 * Checks the address of a request against the rule for texts, before anything is looked up by it.
 * @param unread names of query parameters whose values are neither stored nor repeated
 * @throws {LatchworkError} `invalid_input`
 */
export function checkAddress(request: FastifyRequest, unread: readonly string[] = []): void {
  const path = decoded(request.url.split('?', 1)[0] ?? '')
  const query = Object.entries(z.record(z.string(), z.unknown()).catch({}).parse(request.query))
  const refused = [
    ...(path === null ? [] : inputFaults(path, 'line')),
    ...inputFaults(request.params, 'line'),
    ...inputFaults(Object.fromEntries(query.filter(([name]) => !unread.includes(name))), 'line'),
  ]
  if (path === null) throw new LatchworkError('invalid_input', { message: badAddress })
  if (refused.length > 0) throw invalidInput(refused.map(faultOf))
}

const badAddress = 'The address has a % that is no part of an encoded character.'

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path)
  } catch {
    return null
  }
}

function faultOf({ path, rule, message }: InputFault): FieldFault {
  const field = path.join('.').slice(0, 200)
  return { field, rule, message: faultSentence(field === '' ? 'The request' : fieldLabel(field), message) }
}

function faultsOf(issue: z.core.$ZodIssue): FieldFault[] {
  const path = issue.path.map((part) => String(part))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, 20).map((key) => ({
      field: [...path, key].join('.').slice(0, 200),
      rule: 'unknown',
      message: `There is no field of this name: ${shownName(key)}.`,
    }))
  }
  const field = path.join('.').slice(0, 200)
  const label = field === '' ? 'The request' : fieldLabel(field)
  return [{ field, rule: issue.code, message: faultSentence(label, issue.message) }]
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
}

/** Words for the issues that a schema leaves to zod. The contract's own messages come first. */
function describeIssue(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined || issue.input === null) return 'is required'
      return `must be ${typeWords[issue.expected] ?? issue.expected}`
    case 'too_big':
      return issue.origin === 'string'
        ? `may have at most ${issue.maximum} characters`
        : issue.origin === 'array'
          ? `may have at most ${issue.maximum} entries`
          : `may be at most ${issue.maximum}`
    case 'too_small':
      return issue.origin === 'string'
        ? Number(issue.minimum) <= 1
          ? 'is required'
          : `needs at least ${issue.minimum} characters`
        : `must be at least ${issue.minimum}`
    case 'invalid_value':
      return `must be one of ${issue.values.map((value) => String(value)).join(', ')}`
    case 'unrecognized_keys':
      return 'has a field that does not exist'
    default:
      return 'has a value that is not allowed here'
  }
}
