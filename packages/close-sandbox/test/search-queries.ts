import { expect } from 'vitest'
import type { Json, JsonObject, Sandbox } from '../src/index.ts'
import { type Answer, caller, idOf, rowsOf } from './client.ts'

/* The parts of a search's query, as Close's documentation spells them. */

export const regular = (object_type: string, field_name: string): Json => ({
  type: 'regular_field',
  object_type,
  field_name,
})
export const objectType = (object_type: string): Json => ({ type: 'object_type', object_type })
export const condition = (field: Json, test: Json, more: JsonObject = {}): Json => ({
  type: 'field_condition',
  field,
  condition: test,
  ...more,
})
export const and = (...queries: Json[]): Json => ({ type: 'and', queries })
export const fixed = (value: string): Json => ({ type: 'fixed_utc', value })

export function searchIn(sandbox: Sandbox, body: JsonObject): Promise<Answer> {
  return caller(sandbox)('POST', '/data/search/', body)
}

/** The ids that a query finds, all of them. */
export async function foundIn(sandbox: Sandbox, query: Json, more: JsonObject = {}): Promise<string[]> {
  const ids: string[] = []
  let cursor: Json = null
  do {
    const answer: Answer = await searchIn(sandbox, {
      query,
      _limit: 200,
      ...more,
      ...(cursor === null ? {} : { cursor }),
    })
    expect(answer.status, answer.text).toBe(200)
    ids.push(...rowsOf(answer).map(idOf))
    cursor = answer.body['cursor'] ?? null
  } while (cursor !== null)
  return ids
}
