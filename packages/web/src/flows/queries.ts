import type { CallInput, Endpoints } from '@latchwork/contract'
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { isActive } from './measures.ts'
import { runKeys } from './run-queries.ts'

const listPollMs = 2_000
const pageSize = 50

const flowKeys = {
  all: ['flows'] as const,
  list: (query: string) => ['flows', 'list', query] as const,
  one: (id: string) => ['flows', 'one', id] as const,
}

export const flowListQuery = (query: string) =>
  infiniteQueryOptions({
    queryKey: flowKeys.list(query),
    queryFn: ({ pageParam }) =>
      api.flows.list({
        query: { query, limit: pageSize, ...(pageParam === null ? {} : { cursor: pageParam }) },
      }),
    initialPageParam: null as string | null, // widens the type: later pages have a cursor
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) =>
        page.items.some(({ lastRun }) => lastRun !== null && isActive(lastRun)),
      )
        ? listPollMs
        : false,
  })

export const flowQuery = (id: string) =>
  queryOptions({ queryKey: flowKeys.one(id), queryFn: () => api.flows.get({ params: { id } }) })

/** Starts a run of a flow. */
export function useRunFlow() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.flows.run({ params: { id } }),
    onSuccess: (run) => {
      client.setQueryData(runKeys.one(run.id), run)
      void client.invalidateQueries({ queryKey: runKeys.all })
      void client.invalidateQueries({ queryKey: flowKeys.all })
    },
  })
}

type FlowPatch = NonNullable<CallInput<Endpoints['flows']['update']>['body']>

export function useUpdateFlow(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: FlowPatch) => api.flows.update({ params: { id }, body }),
    onSuccess: (flow) => {
      client.setQueryData(flowKeys.one(id), flow)
      void client.invalidateQueries({ queryKey: flowKeys.all })
    },
  })
}

export function useDeleteFlow() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.flows.delete({ params: { id } }),
    onSuccess: (_, id) => {
      client.removeQueries({ queryKey: flowKeys.one(id) })
      void client.invalidateQueries()
    },
  })
}
