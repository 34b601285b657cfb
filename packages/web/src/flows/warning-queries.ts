import type { Flow, FlowDraft } from '@latchwork/contract'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { flowKeys } from './queries.ts'

/** Other flows that write to a table or file of this one: asked again whenever the flow was changed. */
export const overlapsQuery = ({ id, updatedAt }: Pick<Flow, 'id' | 'updatedAt'>) =>
  queryOptions({
    queryKey: [...flowKeys.one(id), 'overlaps', updatedAt],
    queryFn: () => api.flows.overlaps({ params: { id } }),
  })

/** Flows that write to a table or file of one that is not saved yet. */
export const draftOverlapsQuery = (draft: FlowDraft) =>
  queryOptions({
    queryKey: [...flowKeys.all, 'overlaps', draft],
    queryFn: () => api.flows.draftOverlaps({ body: draft }),
    retry: false,
  })

/** What a flow names of its accounts and they do not have. They are asked, so not at each look. */
export const lackingQuery = ({ id, updatedAt }: Pick<Flow, 'id' | 'updatedAt'>) =>
  queryOptions({
    queryKey: [...flowKeys.one(id), 'lacking', updatedAt],
    queryFn: () => api.flows.lacking({ params: { id } }),
    staleTime: 300_000,
    retry: false,
  })
