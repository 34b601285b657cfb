import { invalid } from '../api/errors.ts'
import { parseMoment } from '../clock.ts'
import { isObject, type Json, type JsonObject, listOf, textOf } from '../json.ts'
import { type MomentContext, momentMs } from './moments.ts'
import { requireConditionParts } from './parts.ts'
import { matchesText, textIn, textMode } from './text-match.ts'

/** What a condition needs besides the value. */
export interface ConditionContext extends MomentContext {
  readonly userId: string
}

/** Tests the value of a field. */
export type ValueTest = (value: Json | undefined) => boolean

/**
 * Makes the test of a `field_condition`.
 * @throws ApiError 400 for an unknown condition or a missing part of one
 */
export function compileCondition(condition: Json | undefined, context: ConditionContext): ValueTest {
  if (!isObject(condition)) throw problem('A field_condition needs a condition.')
  requireConditionParts(condition)
  switch (condition['type']) {
    case 'boolean':
      return (value) => (value ?? false) === condition['value']
    case 'exists':
      return (value) => !isEmpty(value)
    case 'current_user':
      return anyOf((value) => value === context.userId)
    case 'term':
      return anyOf((value) => listOf(condition, 'values').includes(value))
    case 'reference':
      return anyOf((value) => listOf(condition, 'object_ids').includes(value))
    case 'text':
      return textTest(condition)
    case 'number_range':
      return numberTest(condition)
    case 'moment_range': {
      const { fromMs, toMs } = momentRange(condition, context)
      return anyOf((value) => {
        const time = typeof value === 'string' ? parseMoment(value) : null
        return time !== null && time >= fromMs && time < toMs
      })
    }
    default:
      throw problem(`Unknown type of condition: ${String(condition['type'])}`)
  }
}

/** The bounds of a `moment_range`: `fromMs` belongs to it, `toMs` does not. */
export function momentRange(condition: JsonObject, context: MomentContext): { fromMs: number; toMs: number } {
  requireConditionParts(condition)
  const { on_or_after, before } = condition
  return {
    fromMs: isObject(on_or_after) ? momentMs(on_or_after, context) : Number.NEGATIVE_INFINITY,
    toMs: isObject(before) ? momentMs(before, context) : Number.POSITIVE_INFINITY,
  }
}

function textTest(condition: JsonObject): ValueTest {
  const wanted = textOf(condition, 'value')
  const mode = textMode(condition)
  if (wanted === null) throw problem('A text condition needs a value.')
  return (value) => value !== undefined && matchesText(textIn(value), wanted, mode)
}

function numberTest(condition: JsonObject): ValueTest {
  const bound = (name: string, fallback: number): number => {
    const value = condition[name]
    return typeof value === 'number' ? value : fallback
  }
  const [gt, gte] = [bound('gt', Number.NEGATIVE_INFINITY), bound('gte', Number.NEGATIVE_INFINITY)]
  const [lt, lte] = [bound('lt', Number.POSITIVE_INFINITY), bound('lte', Number.POSITIVE_INFINITY)]
  return anyOf(
    (value) => typeof value === 'number' && value > gt && value >= gte && value < lt && value <= lte,
  )
}

/** One match is enough in a field with several values. */
function anyOf(test: (value: Json) => boolean): ValueTest {
  return (value) => {
    if (Array.isArray(value)) return value.some(test)
    return value !== undefined && value !== null && test(value)
  }
}

function isEmpty(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

function problem(message: string): Error {
  return invalid({ query: message })
}
