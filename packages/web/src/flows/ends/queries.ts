import type { CallInput, Destination, Endpoints, Source } from '@latchwork/contract'
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../app/api.ts'

/** The two ends of a flow. They look and work alike; only their words and addresses differ. */
export type EndKind = 'source' | 'destination'
export type End = Source | Destination

const groups = { source: api.sources, destination: api.destinations } as const
const pageSize = 50

export const endKeys = {
  all: (kind: EndKind) => [kind] as const,
  list: (kind: EndKind, query: string) => [kind, 'list', query] as const,
  one: (kind: EndKind, id: string) => [kind, 'one', id] as const,
}

export const endListQuery = (kind: EndKind, query: string) =>
  infiniteQueryOptions({
    queryKey: endKeys.list(kind, query),
    queryFn: ({ pageParam }): Promise<{ items: End[]; nextCursor: string | null; total: number }> =>
      groups[kind].list({
        query: { query, limit: pageSize, ...(pageParam === null ? {} : { cursor: pageParam }) },
      }),
    initialPageParam: null as string | null, // widens the type: later pages have a cursor
    getNextPageParam: (page) => page.nextCursor,
  })

/** Sources or destinations to choose from: as many as one request tells. */
export const endChoicesQuery = (kind: EndKind) =>
  queryOptions({
    queryKey: [kind, 'choices'],
    queryFn: (): Promise<{ items: End[] }> => groups[kind].list({ query: { limit: 200 } }),
  })

export const endQuery = (kind: EndKind, id: string) =>
  queryOptions({
    queryKey: endKeys.one(kind, id),
    queryFn: (): Promise<End> => groups[kind].get({ params: { id } }),
  })

/** The flows that use an end, as far as one request tells. */
export const flowsOfEndQuery = (kind: EndKind, id: string) =>
  queryOptions({
    queryKey: ['flows', 'of', kind, id],
    queryFn: async () => (await api.flows.list({ query: { [`${kind}Id`]: id, limit: 200 } })).items,
  })

type EndPatch = NonNullable<CallInput<Endpoints['sources']['update']>['body']>

export function useUpdateEnd(kind: EndKind, id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: EndPatch): Promise<End> => groups[kind].update({ params: { id }, body }),
    onSuccess: (end) => {
      client.setQueryData(endKeys.one(kind, id), end)
      void client.invalidateQueries({ queryKey: endKeys.all(kind) })
      void client.invalidateQueries({ queryKey: ['flows'] })
    },
  })
}

export function useDeleteEnd(kind: EndKind) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => groups[kind].delete({ params: { id } }),
    onSuccess: (_, id) => {
      client.removeQueries({ queryKey: endKeys.one(kind, id) })
      void client.invalidateQueries({ queryKey: endKeys.all(kind) })
    },
  })
}

type EndCreate = CallInput<Endpoints['sources']['create']>['body']

/** Makes a source or destination and takes it back if what follows fails, so that nothing is left half made. */
export async function createEnd(kind: EndKind, body: EndCreate): Promise<End> {
  return groups[kind].create({ body })
}

export async function removeEnd(kind: EndKind, id: string): Promise<void> {
  await groups[kind].delete({ params: { id } })
}
