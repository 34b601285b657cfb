import type { RunStatus } from '@latchwork/contract'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { isActive } from './measures.ts'

/** How often a run in progress is asked for. Polling pauses by itself while the tab is hidden. */
const livePollMs = 700
const listPollMs = 2_000
const pageSize = 50

export const runKeys = {
  all: ['runs'] as const,
  list: (filter: RunFilter) => ['runs', 'list', filter] as const,
  one: (id: string) => ['runs', 'one', id] as const,
}

export interface RunFilter {
  readonly flowId?: string
  readonly status?: RunStatus
}

export const runListQuery = (filter: RunFilter) =>
  infiniteQueryOptions({
    queryKey: runKeys.list(filter),
    queryFn: ({ pageParam }) =>
      api.runs.list({
        query: { ...filter, limit: pageSize, ...(pageParam === null ? {} : { cursor: pageParam }) },
      }),
    initialPageParam: null as string | null, // widens the type: later pages have a cursor
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.items.some(isActive)) === true ? listPollMs : false,
  })

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: runKeys.one(id),
    queryFn: () => api.runs.get({ params: { id } }),
    refetchInterval: ({ state }) => (state.data !== undefined && isActive(state.data) ? livePollMs : false),
  })

/** The last records of a run. The counts are part of the key: they tell when there are newer ones. */
export const runRecordsQuery = (id: string, live: boolean) =>
  queryOptions({
    queryKey: [...runKeys.one(id), 'records', live],
    queryFn: () => api.runs.records({ params: { id } }),
    refetchInterval: live ? 3 * livePollMs : false,
  })

export const quarantineQuery = (id: string, refused: number) =>
  infiniteQueryOptions({
    queryKey: [...runKeys.one(id), 'quarantine', refused],
    queryFn: ({ pageParam }) =>
      api.runs.quarantine({
        params: { id },
        query: { limit: 20, ...(pageParam === null ? {} : { cursor: pageParam }) },
      }),
    initialPageParam: null as string | null, // widens the type: later pages have a cursor
    getNextPageParam: (page) => page.nextCursor,
    enabled: refused > 0,
  })
