import type { Json } from '../../interface.ts'
import type { WindowsReading } from '../streams/row.ts'
import { type DatedList, readDated, type Window, within } from './dated.ts'
import { readVerified } from './list.ts'
import { pageRows, type ReaderParts, type ReadRows, sampleRows } from './reader.ts'

/** Close's lists show a new record within a minute. */
const lagMs = 120_000

/** Reads a list by windows of `date_created`. */
export function readWindows(
  parts: ReaderParts,
  { path, query = {} }: WindowsReading,
  position: Json | null,
): AsyncGenerator<ReadRows, void, undefined> {
  const { client, signal, purpose } = parts
  const limit = purpose === 'sample' ? sampleRows : pageRows
  const list: DatedList = {
    dateField: 'date_created',
    lagMs,
    page: async (window) => {
      const page = await client.list(
        path,
        { ...within(query, filterOf(window)), _limit: limit },
        { signal, priority: 'backfill' },
      )
      return { rows: page.data, isLast: page.has_more !== true && page.data.length < limit }
    },
    whole: (window) => readVerified(client, path, within(query, filterOf(window)), { signal }),
  }
  return readDated(list, position)
}

function filterOf({ from, until }: Window): Record<string, string> {
  return {
    ...(from === undefined ? {} : { date_created__gte: from }),
    ...(until === undefined ? {} : { date_created__lte: until }),
  }
}
