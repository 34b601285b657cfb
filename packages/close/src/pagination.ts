import type { CloseEvent } from './account-objects.ts'
import type { CloseClient, EventQuery } from './client.ts'
import { CloseError } from './errors.ts'
import { recordsPerList } from './limits.ts'
import type { CloseObject } from './objects.ts'
import type { Page } from './pages.ts'
import type { RequestOptions } from './transport.ts'

type PagedQuery = { readonly _limit?: unknown; readonly _skip?: unknown }

/**
 * Reads a list to its end by `_skip`, record by record: `paginate(client.users.list, { _limit: 100 })`.
 *
 * Ends at a page that is not full and of which Close says that it is the last, at an empty page, and where a page
 * without `has_more` is given again (such a list is whole, and has no pages). A list that changes meanwhile can lose records this way; for leads, contacts, opportunities,
 * activities and tasks use `walkSearch`.
 *
 * @throws CloseError `server_error` when the server ignores `_skip` and repeats a page, or goes on without end
 * @see https://developer.close.com/topics/pagination/
 */
export async function* paginate<T extends CloseObject, Q extends PagedQuery>(
  list: (query: Q, options?: RequestOptions) => Promise<Page<T>>,
  query: Q,
  options?: RequestOptions,
  maxRecords: number = recordsPerList,
): AsyncGenerator<T, void, undefined> {
  let skip = typeof query._skip === 'number' ? query._skip : 0
  let previousIds: string | undefined
  let records = 0
  for (;;) {
    const page = await list({ ...query, _skip: skip }, options)
    const ids = page.data.map((record) => record.id).join()
    const repeats = page.data.length > 0 && ids === previousIds
    if (repeats && page.has_more !== true) return
    if (repeats) {
      throw new CloseError('server_error', "Close's list repeats the same page over and over.")
    }
    yield* page.data
    records += page.data.length
    if (records > maxRecords) {
      throw new CloseError('server_error', `Close's list goes on after ${maxRecords} records.`)
    }
    const isFull = typeof query._limit === 'number' && page.data.length >= query._limit
    if (page.data.length === 0 || (page.has_more === false && !isFull)) return
    previousIds = ids
    // A record that stands twice in a page takes one place of the list.
    skip += new Set(page.data.map((record) => record.id)).size
  }
}

/**
 * Reads the event log from the newest event to the oldest kept (30 days), event by event. The date filters go only with
 * the first request, since the cursor contains them.
 *
 * @see https://developer.close.com/resources/event-log/
 */
export async function* paginateEvents(
  events: Pick<CloseClient['events'], 'list'>,
  query: EventQuery = {},
  options?: RequestOptions,
): AsyncGenerator<CloseEvent, void, undefined> {
  const undated: EventQuery = Object.fromEntries(
    Object.entries(query).filter(([name]) => !name.startsWith('date_updated')),
  )
  const followed = new Set<string>()
  let page = await events.list(query, options)
  for (;;) {
    yield* page.data
    const cursor = page.cursor_next
    if (cursor === null) return
    if (followed.has(cursor)) {
      throw new CloseError('server_error', "Close's event log repeats the same pages over and over.")
    }
    followed.add(cursor)
    page = await events.list({ ...undated, _cursor: cursor }, options)
  }
}
