import type { CloseClient, SearchQuery } from '@latchwork/close'
import type { Batch } from '../interface.ts'
import { changedSince } from './deleted-and-moved.ts'
import type { Filter } from './filter.ts'
import { foundRecords, type Searching } from './found-records.ts'

/**
 * Records of a kind that changed since a moment (ms) and are not what the parameters keep, by their keys: they may have
 * been kept before. Those that were never kept are not in the destination, and nothing becomes of them.
 */
export async function* leftFilter(
  searching: Searching & {
    readonly filter: Filter
    readonly unfiltered: Pick<CloseClient, 'search' | 'events'>
  },
  searchType: string,
  sinceMs: number,
): AsyncGenerator<Pick<Batch, 'records' | 'deleted'>, void, undefined> {
  const { filter, unfiltered } = searching
  const changing = filter.changing(searchType)
  // What more than the record decides is compared as a whole.
  if (changing.length === 0 || filter.isFromOutside) return
  const query: SearchQuery = {
    type: 'and',
    queries: [
      ...filter.fixed(searchType),
      changedSince(searchType, sinceMs),
      { type: 'and', queries: changing, negate: true },
    ],
  }
  for await (const { ids } of foundRecords(
    { ...searching, client: unfiltered, fields: [] },
    searchType,
    query,
  )) {
    yield { records: [], deleted: ids }
  }
}
