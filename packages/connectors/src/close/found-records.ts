import { type CloseClient, type SearchQuery, type SearchRow, walkSearch } from '@latchwork/close'
import type { DataRecord } from '@latchwork/contract'
import type { Clock, UnreadRecord } from '../interface.ts'
import type { RefusedKinds } from './refused-kinds.ts'
import { recordOf, tooLargeRecord } from './search-rows.ts'

/** What all searches of one reading have in common. */
export interface Searching {
  readonly client: Pick<CloseClient, 'search' | 'events'>
  readonly fields: readonly string[]
  /** Kinds that are passed over where Close refuses them. */
  readonly refusedKinds: RefusedKinds
  readonly pageSize: number
  /** Close's time. */
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Records that match; never empty. */
export interface FoundRecords {
  readonly ids: readonly string[]
  readonly records: readonly DataRecord[]
  /** Those that are too large to be taken. */
  readonly refused: readonly UnreadRecord[]
}

/** All records of a kind that match, page by page, without losing one that exists throughout. */
export async function* foundRecords(
  searching: Searching,
  searchType: string,
  query?: SearchQuery,
): AsyncGenerator<FoundRecords, void, undefined> {
  const { client, fields, pageSize, clock, signal, refusedKinds } = searching
  if (refusedKinds.has(searchType)) return
  const walk = { objectType: searchType, dateField: 'date_created', fields, pageSize, query } as const
  try {
    for await (const { records, unread } of walkSearch(client, walk, {
      clock,
      signal,
      priority: 'backfill',
    })) {
      yield {
        ids: [...records, ...unread].map(({ id }: SearchRow) => id),
        records: records.map((row) => recordOf(row, fields)),
        refused: unread.map(tooLargeRecord),
      }
    }
  } catch (error) {
    refusedKinds.passOver(searchType, error)
  }
}

/** Records with one of these ids. */
export function withIds(ids: readonly string[]): SearchQuery {
  return { type: 'or', queries: ids.map((value) => ({ type: 'id', value })) }
}
