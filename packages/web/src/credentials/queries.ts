import type { BudgetQuery, Credential, CredentialListQuery } from '@latchwork/contract'
import { keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { pagesQuery } from '../api/pages.ts'

export type CredentialFilter = Partial<
  Pick<CredentialListQuery, 'query' | 'connector' | 'status' | 'method' | 'owner'>
>

export const credentialKeys = {
  all: ['credentials'] as const,
  lists: ['credentials', 'list'] as const,
  one: (id: string) => ['credentials', 'one', id] as const,
  budget: (id: string, by: BudgetQuery['by'], group?: string) =>
    ['credentials', 'budget', id, by, group] as const,
  usage: (id: string) => ['credentials', 'usage', id] as const,
  previous: (id: string) => ['credentials', 'previous', id] as const,
  authorization: (id: string) => ['credentials', 'authorization', id] as const,
}

export const credentialListQuery = (filter: CredentialFilter) =>
  pagesQuery({
    key: [...credentialKeys.lists, filter],
    ask: (page) => api.credentials.list({ query: { ...filter, ...page } }),
    keepPrevious: true,
  })

export const credentialQuery = (id: string) =>
  queryOptions({ queryKey: credentialKeys.one(id), queryFn: () => api.credentials.get({ params: { id } }) })

/** Whose credential it is, who asked, and for which application: asked again each time. */
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

const budgetPollMs = 10_000

/** @param group of endpoints; left out: all of them */
export const budgetQuery = (id: string, by: BudgetQuery['by'], group?: string) =>
  queryOptions({
    queryKey: credentialKeys.budget(id, by, group),
    queryFn: () =>
      api.credentials.budget({ params: { id }, query: { by, ...(group === undefined ? {} : { group }) } }),
    placeholderData: keepPreviousData,
    refetchInterval: budgetPollMs,
  })

/** While requests with the old secret may be under way, it is looked at again. */
const endingMs = 15_000

export const previousQuery = (id: string) =>
  queryOptions({
    queryKey: credentialKeys.previous(id),
    queryFn: () => api.credentials.previous({ params: { id } }),
    refetchInterval: ({ state }) => (state.data?.previous?.state === 'ending' ? endingMs : false),
  })

/** After a change: the credential as the server gave it back, and every list again. */
export function showChanged(client: QueryClient, credential: Credential): void {
  client.setQueryData(credentialKeys.one(credential.id), credential)
  void client.invalidateQueries({ queryKey: credentialKeys.lists })
}

/** Drafts expire by themselves; this only shortens the life of one that nobody will come back to. */
export function discardDraft(draft: Credential): void {
  void api.credentials.delete({ params: { id: draft.id } }).catch(() => undefined)
}
