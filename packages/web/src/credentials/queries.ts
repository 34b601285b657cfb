import type { CredentialListQuery } from '@latchwork/contract'
import { infiniteQueryOptions, keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query'
import { api } from '../api/client.ts'

const pageSize = 50

export type CredentialFilter = Partial<Pick<CredentialListQuery, 'query' | 'connector' | 'status' | 'method'>>

export const credentialKeys = {
  all: ['credentials'] as const,
  lists: ['credentials', 'list'] as const,
  list: (filter: CredentialFilter) => ['credentials', 'list', filter] as const,
  one: (id: string) => ['credentials', 'one', id] as const,
  usage: (id: string) => ['credentials', 'usage', id] as const,
  previous: (id: string) => ['credentials', 'previous', id] as const,
  authorization: (id: string) => ['credentials', 'authorization', id] as const,
}

export const credentialListQuery = (filter: CredentialFilter) =>
  infiniteQueryOptions({
    queryKey: credentialKeys.list(filter),
    queryFn: ({ pageParam }) =>
      api.credentials.list({
        query: { ...filter, limit: pageSize, ...(pageParam === null ? {} : { cursor: pageParam }) },
      }),
    initialPageParam: null as string | null, // widens the type: later pages have a cursor
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  })

export const credentialQuery = (id: string) =>
  queryOptions({ queryKey: credentialKeys.one(id), queryFn: () => api.credentials.get({ params: { id } }) })

/** Whose credential it is, who asked, and for which application: asked anew each time. */
export const authorizationQuery = (id: string) =>
  queryOptions({
    queryKey: credentialKeys.authorization(id),
    queryFn: () => api.credentials.authorization({ params: { id } }),
    staleTime: 0,
  })

export const usageQuery = (id: string) =>
  queryOptions({
    queryKey: credentialKeys.usage(id),
    queryFn: () => api.credentials.usage({ params: { id } }),
  })

/** While requests with the old secret may be under way, it is looked at again. */
const endingMs = 15_000

export const previousQuery = (id: string) =>
  queryOptions({
    queryKey: credentialKeys.previous(id),
    queryFn: () => api.credentials.previous({ params: { id } }),
    refetchInterval: ({ state }) => (state.data?.previous?.state === 'ending' ? endingMs : false),
  })

/** After a change: the credential as the server gave it back, and every list anew. */
export function keepChanged(
  client: QueryClient,
  credential: Awaited<ReturnType<typeof api.credentials.get>>,
): void {
  client.setQueryData(credentialKeys.one(credential.id), credential)
  void client.invalidateQueries({ queryKey: credentialKeys.lists })
}
