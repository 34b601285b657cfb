import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/client.ts'

/** An agent waits meanwhile, so the page asks often. */
const pollMs = 3_000

const keyOf = (passId: string) => ['passes', 'one', passId, 'writes'] as const

export const passWritesQuery = (passId: string) =>
  queryOptions({
    queryKey: keyOf(passId),
    queryFn: () => api.passWrites.list({ params: { id: passId } }),
    refetchInterval: pollMs,
  })

/** Asks Close for the record as it is, so it is asked once for each write. */
export const passWriteQuery = (passId: string, writeId: string) =>
  queryOptions({
    queryKey: [...keyOf(passId), writeId],
    queryFn: () => api.passWrites.get({ params: { id: passId, writeId } }),
    staleTime: Number.POSITIVE_INFINITY,
  })

export function useDecideWrite(passId: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ writeId, answer }: { writeId: string; answer: 'confirm' | 'refuse' }) =>
      api.passWrites[answer]({ params: { id: passId, writeId } }),
    onSettled: () => client.invalidateQueries({ queryKey: keyOf(passId), exact: true }),
  })
}
