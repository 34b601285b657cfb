import { ApiError } from '@latchwork/contract'
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

interface Decision {
  readonly writeId: string
  readonly answer: 'confirm' | 'refuse'
  /** What was shown of the record. */
  readonly seen?: string | undefined
}

export function useDecideWrite(passId: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ writeId, answer, seen }: Decision) => {
      const params = { id: passId, writeId }
      return answer === 'refuse'
        ? api.passWrites.refuse({ params })
        : api.passWrites.confirm({ params, query: { seen } })
    },
    onSettled: async (_answer, error, { writeId }) => {
      await client.invalidateQueries({ queryKey: keyOf(passId), exact: true })
      // It is shown as it is now, and decided again.
      if (error instanceof ApiError && error.code === 'write_outdated')
        await client.invalidateQueries({ queryKey: [...keyOf(passId), writeId] })
    },
  })
}
