import {
  type CallInput,
  type ColumnChoice,
  type DoubtDecision,
  type Endpoints,
  type FlowColumns,
  type FlowListQuery,
  pastRunsShown,
  type QuarantineEdit,
  type QuarantineSelection,
  type Run,
  type RunListQuery,
} from '@latchwork/contract'
import {
  keepPreviousData,
  type QueryKey,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { pagesQuery } from '../api/pages.ts'
import { isActive } from './measures.ts'

/** How often a run in progress is asked for. Polling pauses by itself while the tab is hidden. */
const livePollMs = 700

export const flowKeys = {
  all: ['flows'] as const,
  one: (id: string) => ['flows', 'one', id] as const,
}

export const flowListQuery = (
  filter: Pick<Partial<FlowListQuery>, 'query' | 'owner' | 'attention' | 'standing' | 'sort'>,
) =>
  pagesQuery({
    key: ['flows', 'list', filter],
    ask: (page) => api.flows.list({ query: { ...filter, ...page } }),
    keepPrevious: true,
    isLive: ({ items }) => items.some(({ lastRun }) => lastRun !== null && isActive(lastRun)),
  })

export const flowQuery = (id: string) =>
  queryOptions({ queryKey: flowKeys.one(id), queryFn: () => api.flows.get({ params: { id } }) })

/** The columns of a flow's streams, as its last runs left them. */
export const flowColumnsQuery = (id: string) =>
  queryOptions({
    queryKey: [...flowKeys.one(id), 'columns'],
    queryFn: async () => (await api.flows.columns({ params: { id } })).items,
  })

function useColumnChange<Input>(id: string, change: (input: Input) => Promise<FlowColumns>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: ({ items }) => client.setQueryData(flowColumnsQuery(id).queryKey, items),
  })
}

/** Decides what becomes of a column whose type has changed. */
export const useChooseColumn = (id: string) =>
  useColumnChange(id, (body: ColumnChoice) => api.flows.chooseColumn({ params: { id }, body }))

/** Calls the columns as people call them now. */
export const useTakeNames = (id: string) =>
  useColumnChange(id, (_: undefined) => api.flows.takeNames({ params: { id } }))

/** Starts a run and goes to it. */
function useStarting<Input>(start: (input: Input) => Promise<Run>) {
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: start,
    onSuccess: (run) => {
      // Its page is shown at once; its streams come with the first answer.
      client.setQueryData(runKeys.one(run.id), { ...run, streams: [] })
      void client.invalidateQueries({ queryKey: runKeys.all })
      void client.invalidateQueries({ queryKey: flowKeys.all })
      void navigate({ to: '/runs/$runId', params: { runId: run.id } })
    },
  })
}

type RunRequest = NonNullable<CallInput<Endpoints['flows']['run']>['body']>

export function useRunFlow() {
  return useStarting(({ id, ...body }: RunRequest & { id: string }) =>
    api.flows.run({ params: { id }, body }),
  )
}

/** Reads some days of a stream again. */
export function useBackfill(id: string) {
  return useStarting((body: NonNullable<CallInput<Endpoints['flows']['backfill']>['body']>) =>
    api.flows.backfill({ params: { id }, body }),
  )
}

/** The streams of a flow, and what the next run reads of each. */
export const standsQuery = (id: string) =>
  queryOptions({
    queryKey: [...flowKeys.one(id), 'streams'],
    queryFn: async () => (await api.flows.streams({ params: { id } })).items,
    staleTime: 0,
  })

export function useReset(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (streams: string[]) => api.flows.reset({ params: { id }, body: { streams } }),
    onSuccess: ({ items }) => client.setQueryData(standsQuery(id).queryKey, items),
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

/** Makes a copy of a flow and goes to it. */
export function useDuplicateFlow() {
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: (id: string) => api.flows.duplicate({ params: { id } }),
    onSuccess: (flow) => {
      client.setQueryData(flowKeys.one(flow.id), flow)
      void client.invalidateQueries({ queryKey: flowKeys.all })
      void navigate({ to: '/flows/$flowId', params: { flowId: flow.id } })
    },
  })
}

/** Deletes one thing, which is then asked for no more. */
function useDeleting(keyOf: (id: string) => QueryKey, remove: (id: string) => Promise<unknown>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: remove,
    onSuccess: (_, id) => {
      client.removeQueries({ queryKey: keyOf(id) })
      void client.invalidateQueries()
    },
  })
}

export const useDeleteFlow = () => useDeleting(flowKeys.one, (id) => api.flows.delete({ params: { id } }))

export const useDeleteRun = () => useDeleting(runKeys.one, (id) => api.runs.delete({ params: { id } }))

export const runKeys = {
  all: ['runs'] as const,
  one: (id: string) => ['runs', 'one', id] as const,
}

export type RunFilter = Partial<
  Pick<RunListQuery, 'flowId' | 'status' | 'starter' | 'startedBy' | 'from' | 'to'>
>

export const runListQuery = (filter: RunFilter) =>
  pagesQuery({
    key: ['runs', 'list', filter],
    ask: (page) => api.runs.list({ query: { ...filter, ...page } }),
    isLive: ({ items }) => items.some(isActive),
  })

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: runKeys.one(id),
    queryFn: () => api.runs.get({ params: { id } }),
    // Its quarantine may have been replayed meanwhile.
    staleTime: 0,
    // One that is tried again by itself becomes active without anybody's doing.
    refetchInterval: ({ state: { data } }) =>
      data === undefined
        ? false
        : isActive(data)
          ? livePollMs
          : data.retryAt !== null
            ? 10 * livePollMs
            : false,
  })

/** @param live it changes; its last state asks once more */
export const flowHistoryQuery = (id: string, live: boolean) =>
  queryOptions({
    queryKey: [...flowKeys.one(id), 'history', live],
    queryFn: () => api.flows.history({ params: { id }, query: { limit: pastRunsShown } }),
    placeholderData: keepPreviousData,
    refetchInterval: live ? 10 * livePollMs : false,
  })

/** @param state a new one asks once more */
export const runLogQuery = (id: string, state: Run['status'] | 'live') =>
  queryOptions({
    queryKey: [...runKeys.one(id), 'log', state],
    queryFn: () => api.runs.log({ params: { id } }),
    placeholderData: keepPreviousData,
    refetchInterval: state === 'live' ? 3 * livePollMs : false,
  })

/** The last records of a run. The counts are part of the key: they tell when there are newer ones. */
/** @param stream one of the run's; undefined: its first */
export const runRecordsQuery = (id: string, stream: string | undefined, live: boolean) =>
  queryOptions({
    queryKey: [...runKeys.one(id), 'records', stream, live],
    queryFn: () => api.runs.records({ params: { id }, query: { stream } }),
    refetchInterval: live ? 3 * livePollMs : false,
  })

/** The counts are part of the keys: they tell when there is something else in quarantine. */
export const quarantineGroupsQuery = ({ id, recordsRefused, inQuarantine }: Run) =>
  queryOptions({
    queryKey: [...runKeys.one(id), 'quarantine', 'groups', recordsRefused, inQuarantine],
    queryFn: () => api.runs.quarantineGroups({ params: { id } }),
    enabled: inQuarantine > 0,
  })

export const quarantineQuery = ({ id, recordsRefused, inQuarantine }: Run, group: string) =>
  pagesQuery({
    key: [...runKeys.one(id), 'quarantine', group, recordsRefused, inQuarantine],
    ask: (page) => api.runs.quarantine({ params: { id }, query: { ...page, group } }),
    size: 20,
  })

/** With nothing cut. */
export const quarantinedQuery = (runId: string, record: string) =>
  queryOptions({
    queryKey: [...runKeys.one(runId), 'quarantine', 'record', record],
    queryFn: () => api.runs.getQuarantined({ params: { id: runId, record } }),
    // Somebody else may have edited it.
    gcTime: 0,
  })

/** Asks the destination each time that somebody looks. */
export const foundQuery = (runId: string, record: string) =>
  queryOptions({
    queryKey: [...runKeys.one(runId), 'quarantine', 'found', record],
    queryFn: () => api.runs.findDoubtful({ params: { id: runId, record } }),
    gcTime: 0,
    retry: false,
  })

export function useDecideDoubtful(id: string, record: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: DoubtDecision) => api.runs.decideDoubtful({ params: { id, record }, body }),
    // What the destination has stays as it is: nothing of that is asked for again.
    onSuccess: () =>
      client.invalidateQueries({
        queryKey: runKeys.one(id),
        predicate: ({ queryKey }) => !queryKey.includes('found'),
      }),
  })
}

export function quarantineAddress(id: string): string {
  return `/api/runs/${id}/quarantine.csv`
}

/** Writes refused records again. */
export function useReplay({ id }: Pick<Run, 'id'>) {
  return useStarting((body: QuarantineSelection) => api.runs.replay({ params: { id }, body }))
}

export function useDropQuarantined(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: QuarantineSelection) => api.runs.dropQuarantined({ params: { id }, body }),
    onSuccess: () => client.invalidateQueries({ queryKey: runKeys.one(id) }),
  })
}

export function useEditQuarantined(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ record, ...body }: { record: string } & QuarantineEdit) =>
      api.runs.editQuarantined({ params: { id, record }, body }),
    // A conflict, too, says that there is something new.
    onSettled: () => client.invalidateQueries({ queryKey: [...runKeys.one(id), 'quarantine'] }),
  })
}
