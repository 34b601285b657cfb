import type { CallInput, Endpoints, Pass, PassCreate, PassFilter, PassObjectName } from '@latchwork/contract'
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { OwnerChoice } from '../access/Owner.tsx'
import { api } from '../api/client.ts'
import { pagesQuery } from '../api/pages.ts'

const passKeys = {
  all: ['passes'] as const,
  lists: ['passes', 'list'] as const,
  one: (id: string) => ['passes', 'one', id] as const,
}

/** So often is asked what a pass in use has called meanwhile. */
const livePollMs = 5_000
/** The chart of a pass goes back so far. */
export const chartDays = 7

export interface PassListFilter {
  readonly query: string
  readonly owner: OwnerChoice
  readonly status: PassFilter | undefined
}

export const passListQuery = ({ query, owner, status }: PassListFilter) =>
  pagesQuery({
    key: [...passKeys.lists, query, owner, status],
    ask: (page) => api.passes.list({ query: { query, owner, status, ...page } }),
    keepPrevious: true,
    // A write waits only for minutes.
    isLive: ({ items }) => items.some((pass) => pass.confirmWrites && pass.status === 'active'),
  })

/** The names that begin like a suggested one, so that it is not suggested again. */
export const takenNamesQuery = (name: string) =>
  queryOptions({
    queryKey: [...passKeys.lists, 'names', name],
    queryFn: async () => {
      const { items } = await api.passes.list({ query: { query: name, owner: 'me', limit: 200 } })
      return items.map((pass) => pass.name)
    },
    enabled: name !== '',
  })

export const passQuery = (id: string) =>
  queryOptions({
    queryKey: passKeys.one(id),
    queryFn: () => api.passes.get({ params: { id } }),
    refetchInterval: ({ state }) => (state.data?.status === 'active' ? livePollMs : false),
  })

export const passCountsQuery = (id: string, isLive: boolean) =>
  queryOptions({
    queryKey: [...passKeys.one(id), 'counts'],
    queryFn: () => api.passes.counts({ params: { id }, query: { days: chartDays } }),
    refetchInterval: isLive ? livePollMs : false,
  })

export const passCallsQuery = (id: string, deniedOnly: boolean, live: boolean) =>
  pagesQuery({
    key: [...passKeys.one(id), 'calls', deniedOnly],
    ask: (page) =>
      api.passes.calls({ params: { id }, query: { ...(deniedOnly ? { decision: 'denied' } : {}), ...page } }),
    size: 20,
    keepPrevious: true,
    isLive: () => live,
  })

/** What a pass for the credential can be limited to. Null: it isn't chosen yet. */
export const smartViewsQuery = (credentialId: string | null) =>
  queryOptions({
    queryKey: ['smart-views', credentialId],
    queryFn: async () => (await api.passes.smartViews({ query: { credential: credentialId ?? '' } })).items,
    enabled: credentialId !== null,
    staleTime: 5 * 60_000,
    retry: false,
  })

/** The fields of an object, with the labels that the account of the credential has. Null: it isn't chosen yet. */
export const fieldsQuery = (credentialId: string | null, object: PassObjectName) =>
  queryOptions({
    queryKey: ['pass-fields', credentialId, object],
    queryFn: async () =>
      (await api.passes.fields({ query: { credential: credentialId ?? '', object } })).items,
    enabled: credentialId !== null,
    staleTime: 5 * 60_000,
    retry: false,
  })

/** Makes a pass. The answer has its token, so it is forgotten with the screen that shows it. */
export function useCreatePass() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: PassCreate) => api.passes.create({ body }),
    onSuccess: () => void client.invalidateQueries({ queryKey: passKeys.all }),
    gcTime: 0,
  })
}

/** Gives a pass a new token. As of a new one, the answer is forgotten with what shows it. */
export function useRotatePass(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (overlapHours: number) => api.passes.rotate({ params: { id }, body: { overlapHours } }),
    onSuccess: () => void client.invalidateQueries({ queryKey: passKeys.all }),
    gcTime: 0,
  })
}

type PassChange = NonNullable<CallInput<Endpoints['passes']['update']>['body']>

export function useUpdatePass(id: string) {
  return useChanged((body: PassChange) => api.passes.update({ params: { id }, body }))
}

export function useRevokePass(id: string) {
  return useChanged(() => api.passes.revoke({ params: { id } }))
}

function useChanged<Input>(mutationFn: (input: Input) => Promise<Pass>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn,
    onSuccess: (pass) => {
      client.setQueryData(passKeys.one(pass.id), pass)
      void client.invalidateQueries({ queryKey: passKeys.lists })
    },
  })
}

export function useDeletePass(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => api.passes.delete({ params: { id } }),
    onSuccess: () => {
      client.removeQueries({ queryKey: passKeys.one(id) })
      void client.invalidateQueries({ queryKey: passKeys.lists })
    },
  })
}
