import { queryOptions, useQuery } from '@tanstack/react-query'
import { api } from './client.ts'

export const sessionKey = ['session'] as const

/** Who is signed in; asked once; signing in and out update it. */
export const sessionQuery = queryOptions({
  queryKey: sessionKey,
  queryFn: () => api.session.get(),
  staleTime: Number.POSITIVE_INFINITY,
})

/** Who is signed in; null until that is known. */
export function useMe() {
  return useQuery(sessionQuery).data?.user ?? null
}
