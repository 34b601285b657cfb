/** A JSON value, as it travels in a request or an answer. */
export type Json = string | number | boolean | null | Json[] | JsonObject

/** A JSON object. Records are stored in this form, under the field names of the Close API. */
export interface JsonObject {
  [field: string]: Json
}

/** True for a plain JSON object (not null, not a list). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The string in `field`, or null when it is missing or something else. */
export function textOf(record: JsonObject, field: string): string | null {
  const value = record[field]
  return typeof value === 'string' ? value : null
}

/** The number in `field`, or null when it is missing or something else. */
export function numberOf(record: JsonObject, field: string): number | null {
  const value = record[field]
  return typeof value === 'number' ? value : null
}

/** The list in `field`, or an empty one. */
export function listOf(record: JsonObject, field: string): readonly Json[] {
  const value = record[field]
  return Array.isArray(value) ? value : []
}

/** The objects of the list in `field`; anything else in it is left out. */
export function objectsOf(record: JsonObject, field: string): readonly JsonObject[] {
  return listOf(record, field).filter(isObject)
}

/** Whether two JSON values are the same, fields in any order. */
export function sameJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((value, at) => sameJson(value, right[at]))
  }
  if (isObject(left) && isObject(right)) {
    const fields = Object.keys(left)
    return (
      fields.length === Object.keys(right).length &&
      fields.every((field) => sameJson(left[field], right[field]))
    )
  }
  return false
}

/** Parses JSON text; undefined when it is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
