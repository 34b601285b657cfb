import type { CredentialStatus } from '@latchwork/contract'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from '../api/client.ts'

const pageSize = 25
/** While the page is open, news of a failure comes by itself. */
const alertsEveryMs = 60_000

export interface HealthFilter {
  readonly query: string
  readonly status: CredentialStatus
}

export const healthQuery = (filter: HealthFilter) =>
  infiniteQueryOptions({
    queryKey: ['health', filter],
    queryFn: ({ pageParam }) =>
      api.health.list({
        query: { ...filter, limit: pageSize, ...(pageParam === null ? {} : { cursor: pageParam }) },
      }),
    initialPageParam: null as string | null, // widens the type: later pages have a cursor
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  })

export const alertsKey = ['alerts']

export const alertsQuery = queryOptions({
  queryKey: alertsKey,
  queryFn: () => api.alerts.list({ query: { limit: 50 } }),
  refetchInterval: alertsEveryMs,
})
