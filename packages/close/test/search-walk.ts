import { type SearchPosition, type SearchRow, type SearchWalkOptions, walkSearch } from '@latchwork/close'
import { expect } from 'vitest'
import type { SearchWalk } from '../src/walk-query.ts'
import { ManualClock } from './manual-clock.ts'
import { type ModelOptions, type ModelRecord, SearchModel } from './search-model.ts'

export const NOW_MS = Date.parse('2026-06-01T12:00:00Z')
export const DAY_MS = 86_400_000
export const walkOf = (parts: Partial<SearchWalk> = {}): SearchWalk => ({
  objectType: 'lead',
  dateField: 'date_updated',
  fields: ['name'],
  pageSize: 5,
  ...parts,
})

export function modelOf(records: readonly ModelRecord[], options: Partial<ModelOptions> = {}): SearchModel {
  const clock = options.clock ?? new ManualClock({ startMs: NOW_MS, jumps: true })
  return new SearchModel(records, {
    clock,
    random: randomFrom(1),
    cursors: 'snapshot',
    maxCursorObjects: 10_000,
    indexLagMs: 0,
    beforeSearch: () => {},
    ...options,
  })
}

export async function collect(
  model: SearchModel,
  walk: SearchWalk,
  options: SearchWalkOptions = {},
): Promise<{ rows: SearchRow[]; position: SearchPosition | undefined; pages: number }> {
  const rows: SearchRow[] = []
  let position: SearchPosition | undefined
  let pages = 0
  const clock = new ManualClock({ startMs: NOW_MS, jumps: true })
  for await (const page of walkSearch(model, walk, { clock, ...options })) {
    expect(page.records.length).toBeGreaterThan(0)
    rows.push(...page.records)
    position = page.position
    pages += 1
  }
  return { rows, position, pages }
}

export const ids = (rows: readonly SearchRow[]): string[] => rows.map((row) => row.id).sort()
export const forms = (rows: readonly SearchRow[]): string[] =>
  rows.map((row) => `${row.id} ${row['date_updated']}`)

export const at = (atMs: number, micros = '000'): string =>
  new Date(atMs).toISOString().replace('Z', `${micros}+00:00`)

export const record = (index: number, updatedMs: number, createdMs = updatedMs): ModelRecord => ({
  id: `lead_${index}`,
  created: at(createdMs),
  updated: at(updatedMs),
})
export const spread = (count: number, stepMs = 60_000): ModelRecord[] =>
  Array.from({ length: count }, (_, index) => record(index, NOW_MS - DAY_MS + index * stepMs))

/** A small repeatable generator, so that a failing case can be run again. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
