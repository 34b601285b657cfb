import { closeTimestamp, type SearchQuery } from '@latchwork/close'
import type { Batch } from '../interface.ts'
import type { CloseEvents } from './close-events.ts'
import { type FoundRecords, foundRecords, type Searching, withIds } from './found-records.ts'
import { RefusedKinds } from './refused-kinds.ts'

interface Kinds extends Searching {
  readonly searchTypes: readonly string[]
}

type Changes = Pick<Batch, 'records' | 'deleted' | 'refused'>

/** Ids in one search. */
const idsAtOnce = 200
const leadsAtOnce = 50

/** What a lead shows of its children, by their kind. @see https://developer.close.com/api/resources/leads */
const shownOnLeads: Readonly<Record<string, readonly string[]>> = {
  contact: ['contacts', 'contact_ids'],
  opportunity: ['opportunities'],
  task: ['tasks'],
}

/**
 * What is not found by the date of its change: records that were deleted since a moment (ms), those that are there again
 * with an old date, records that moved to another lead in a merge, and leads that show something else of their children.
 */
export async function* deletedAndMoved(
  kinds: Kinds,
  events: CloseEvents,
  sinceMs: number,
): AsyncGenerator<Changes, void, undefined> {
  const merges = await events.merges(sinceMs)
  const destinations = [...new Set(merges.map(({ destination }) => destination))]
  const sources = [...new Set(merges.map(({ source }) => source))]
  for (const searchType of kinds.searchTypes) {
    const isLead = searchType === 'lead'
    for (const some of chunks(destinations, leadsAtOnce)) {
      const leads = withIds(some)
      yield* changes(foundRecords(kinds, searchType, isLead ? leads : related(searchType, 'lead', leads)))
    }
    if (isLead) yield* leadsWithOthers(kinds, events, sinceMs)
    for await (const deleted of events.deletions(searchType, sinceMs, idsAtOnce)) {
      const ids = new Set(deleted.flatMap(({ object_id }) => object_id ?? []))
      yield* stillThere(kinds, searchType, [...ids])
    }
    for await (const query of restored(events, searchType, sinceMs))
      yield* changes(foundRecords(kinds, searchType, query))
    if (isLead) for (const some of chunks(sources, idsAtOnce)) yield* stillThere(kinds, searchType, some)
  }
}

/** The ids of all records, page by page. @throws CloseError also where a kind is refused: its records are not gone */
export async function* existingIds(kinds: Kinds): AsyncGenerator<readonly string[], void, undefined> {
  for (const searchType of kinds.searchTypes) {
    const refusedKinds = new RefusedKinds([searchType])
    for await (const { ids } of foundRecords({ ...kinds, fields: [], refusedKinds }, searchType)) yield ids
  }
}

/** Leads whose children changed or were deleted, where children are among what is read of them. */
async function* leadsWithOthers(
  kinds: Kinds,
  events: CloseEvents,
  sinceMs: number,
): AsyncGenerator<Changes, void, undefined> {
  const shown = Object.keys(shownOnLeads).filter((child) =>
    shownOnLeads[child]?.some((field) => kinds.fields.includes(field)),
  )
  if (shown.length === 0) return
  const queries = shown.map((child) => related('lead', child, changedSince(child, sinceMs)))
  yield* changes(foundRecords(kinds, 'lead', { type: 'or', queries }))
  for (const child of shown) {
    for await (const deleted of events.deletions(child, sinceMs, idsAtOnce)) {
      const leads = [...new Set(deleted.flatMap(({ lead_id }) => lead_id ?? []))]
      if (leads.length > 0) yield* changes(foundRecords(kinds, 'lead', withIds(leads)))
    }
    for await (const query of restored(events, child, sinceMs))
      yield* changes(foundRecords(kinds, 'lead', related('lead', child, query)))
  }
}

/** Searches for what was deleted once and is there again, with a date of before. All else that was created has one of now. */
async function* restored(
  events: CloseEvents,
  searchType: string,
  sinceMs: number,
): AsyncGenerator<SearchQuery, void, undefined> {
  for await (const created of events.creations(searchType, sinceMs, idsAtOnce)) {
    const ids = [...new Set(created.flatMap(({ object_id }) => object_id ?? []))]
    yield { type: 'and', queries: [withIds(ids), { ...changedSince(searchType, sinceMs), negate: true }] }
  }
}

/** Deletes what is not found of these; what is found is read again. */
async function* stillThere(
  kinds: Kinds,
  searchType: string,
  ids: readonly string[],
): AsyncGenerator<Changes, void, undefined> {
  if (ids.length === 0) return
  const gone = new Set(ids)
  for await (const found of foundRecords(kinds, searchType, withIds(ids))) {
    for (const id of found.ids) gone.delete(id)
    yield changesOf(found)
  }
  if (kinds.refusedKinds.has(searchType) || gone.size === 0) return
  yield { records: [], deleted: [...gone] }
}

async function* changes(found: AsyncIterable<FoundRecords>): AsyncGenerator<Changes, void, undefined> {
  for await (const each of found) yield changesOf(each)
}

function changesOf({ records, refused }: FoundRecords): Changes {
  return { records, ...(refused.length === 0 ? {} : { refused }) }
}

/** Records of one type with a record of another that matches. */
function related(
  this_object_type: string,
  related_object_type: string,
  related_query: SearchQuery,
): SearchQuery {
  return { type: 'has_related', this_object_type, related_object_type, related_query }
}

/** Records whose date of change is not before a moment. */
export function changedSince(object_type: string, sinceMs: number): SearchQuery {
  return {
    type: 'field_condition',
    field: { type: 'regular_field', object_type, field_name: 'date_updated' },
    condition: {
      type: 'moment_range',
      on_or_after: { type: 'fixed_utc', value: closeTimestamp(sinceMs) },
    },
  }
}

function chunks<T>(all: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / most) }, (_, index) =>
    all.slice(index * most, (index + 1) * most),
  )
}
