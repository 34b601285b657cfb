import type { CallInput, Destination, Endpoints, Source } from '@latchwork/contract'
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { pagesQuery } from '../api/pages.ts'

/** The two sides of a flow. They look and work alike; only their words and addresses differ. */
export type SideKind = 'source' | 'destination'
export type Side = Source | Destination

const groups = { source: api.sources, destination: api.destinations } as const

export const sideKeys = {
  all: (kind: SideKind) => [kind] as const,
  one: (kind: SideKind, id: string) => [kind, 'one', id] as const,
}

export const sideListQuery = (kind: SideKind, query: string, owner: 'me' | 'others' | undefined) =>
  pagesQuery({
    key: [kind, 'list', query, owner],
    ask: (page): Promise<{ items: Side[]; nextCursor: string | null; total: number }> =>
      groups[kind].list({ query: { query, ...(owner === undefined ? {} : { owner }), ...page } }),
    keepPrevious: true,
  })

/** Sources or destinations to choose from: as many as one request tells. */
export const sideChoicesQuery = (kind: SideKind) =>
  queryOptions({
    queryKey: [kind, 'choices'],
    queryFn: (): Promise<{ items: Side[] }> => groups[kind].list({ query: { limit: 200 } }),
  })

export const sideQuery = (kind: SideKind, id: string) =>
  queryOptions({
    queryKey: sideKeys.one(kind, id),
    queryFn: (): Promise<Side> => groups[kind].get({ params: { id } }),
  })

/** The flows, as far as one request tells, that use a side. */
export const flowsOfSideQuery = (kind: SideKind, id: string) =>
  queryOptions({
    queryKey: ['flows', 'of', kind, id],
    queryFn: async () => (await api.flows.list({ query: { [`${kind}Id`]: id, limit: 200 } })).items,
  })

type SidePatch = NonNullable<CallInput<Endpoints['sources']['update']>['body']>

export function useUpdateSide(kind: SideKind, id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: SidePatch): Promise<Side> => groups[kind].update({ params: { id }, body }),
    onSuccess: (side) => {
      client.setQueryData(sideKeys.one(kind, id), side)
      void client.invalidateQueries({ queryKey: sideKeys.all(kind) })
      void client.invalidateQueries({ queryKey: ['flows'] })
    },
  })
}

export function useDeleteSide(kind: SideKind) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => groups[kind].delete({ params: { id } }),
    onSuccess: (_, id) => {
      client.removeQueries({ queryKey: sideKeys.one(kind, id) })
      void client.invalidateQueries({ queryKey: sideKeys.all(kind) })
    },
  })
}

type SideCreate = CallInput<Endpoints['sources']['create']>['body']

export function createSide(kind: SideKind, body: SideCreate): Promise<Side> {
  return groups[kind].create({ body })
}

export async function removeSide(kind: SideKind, id: string): Promise<void> {
  await groups[kind].delete({ params: { id } })
}
