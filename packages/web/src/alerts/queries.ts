import { queryOptions } from '@tanstack/react-query'
import { api } from '../api/client.ts'

/** While the page is open, it polls for new alerts. */
const alertsEveryMs = 60_000

export const alertsKey = ['alerts'] as const

export const alertPreferencesQuery = queryOptions({
  queryKey: [...alertsKey, 'preferences'],
  queryFn: () => api.alerts.preferences(),
})

export const alertsQuery = queryOptions({
  queryKey: alertsKey,
  queryFn: () => api.alerts.list({ query: { limit: 50 } }),
  refetchInterval: alertsEveryMs,
})
