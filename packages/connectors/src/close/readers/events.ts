import { type CloseEvent, paginateEvents, type SearchRow } from '@latchwork/close'
import type { Json } from '../../interface.ts'
import type { EventsReading } from '../streams/row.ts'
import { type DatedList, readDated, type Window, within } from './dated.ts'
import type { ReaderParts, ReadRows } from './reader.ts'

/** The largest page of the event log. @see https://developer.close.com/resources/event-log/ */
const limit = 50
/** Close says to look again at the last five minutes: events of one record are put together for so long. */
const lagMs = 300_000

/** Reads the event log. An event that is put together with a later one is given again, as it is then. */
export function readEvents(
  { client, signal }: ReaderParts,
  { query = {} }: EventsReading,
  position: Json | null,
): AsyncGenerator<ReadRows, void, undefined> {
  const options = { signal, priority: 'backfill' } as const
  const list: DatedList = {
    dateField: 'date_updated',
    lagMs,
    page: async (window) => {
      const page = await client.events.list({ ...within(query, filterOf(window)), _limit: limit }, options)
      return { rows: page.data.map(rowOf), isLast: page.cursor_next === null }
    },
    whole: async (window) => {
      const rows: SearchRow[] = []
      for await (const event of paginateEvents(
        client.events,
        { ...within(query, filterOf(window)), _limit: limit },
        options,
      )) {
        rows.push(rowOf(event))
      }
      return rows
    },
  }
  return readDated(list, position)
}

function filterOf({ from, until }: Window): Record<string, string> {
  return {
    ...(from === undefined ? {} : { date_updated__gte: from }),
    ...(until === undefined ? {} : { date_updated__lte: until }),
  }
}

const rowOf = (event: CloseEvent): SearchRow => ({ ...event })
