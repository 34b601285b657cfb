import { queryOptions } from '@tanstack/react-query'
import { api } from './client.ts'

/** The systems that can be connected, with their forms. Changes only with the server's version. */
export const connectorsQuery = queryOptions({
  queryKey: ['connectors'],
  queryFn: () => api.connectors.list(),
  staleTime: Number.POSITIVE_INFINITY,
  select: ({ items }) => items,
})

/** The server's settings that the page shows. They change only with a restart. */
export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: () => api.settings.get(),
  staleTime: Number.POSITIVE_INFINITY,
})
