import type { CallInput, Endpoints, RunStatus } from '@latchwork/contract'
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { pagesQuery } from '../api/pages.ts'
import { isActive } from './measures.ts'

/** How often a run in progress is asked for. Polling pauses by itself while the tab is hidden. */
const livePollMs = 700

const flowKeys = {
  all: ['flows'] as const,
  one: (id: string) => ['flows', 'one', id] as const,
}

export const flowListQuery = (query: string) =>
  pagesQuery({
    key: ['flows', 'list', query],
    ask: (page) => api.flows.list({ query: { query, ...page } }),
    keepPrevious: true,
    isLive: ({ items }) => items.some(({ lastRun }) => lastRun !== null && isActive(lastRun)),
  })

export const flowQuery = (id: string) =>
  queryOptions({ queryKey: flowKeys.one(id), queryFn: () => api.flows.get({ params: { id } }) })

/** Starts a run of a flow and goes to it. */
export function useRunFlow() {
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: (id: string) => api.flows.run({ params: { id } }),
    onSuccess: (run) => {
      client.setQueryData(runKeys.one(run.id), run)
      void client.invalidateQueries({ queryKey: runKeys.all })
      void client.invalidateQueries({ queryKey: flowKeys.all })
      void navigate({ to: '/runs/$runId', params: { runId: run.id } })
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

export const runKeys = {
  all: ['runs'] as const,
  one: (id: string) => ['runs', 'one', id] as const,
}

export const runListQuery = (filter: { readonly flowId?: string; readonly status?: RunStatus }) =>
  pagesQuery({
    key: ['runs', 'list', filter],
    ask: (page) => api.runs.list({ query: { ...filter, ...page } }),
    isLive: ({ items }) => items.some(isActive),
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

export const quarantineQuery = (id: string, refused: number) => ({
  ...pagesQuery({
    key: [...runKeys.one(id), 'quarantine', refused],
    ask: (page) => api.runs.quarantine({ params: { id }, query: page }),
    size: 20,
  }),
  enabled: refused > 0,
})
