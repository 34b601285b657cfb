import type { MasterKeys } from '@latchwork/contract'
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { settingsQuery } from '../api/catalogue-queries.ts'
import { api } from '../api/client.ts'

const lookAgainMs = 500

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: () => api.keys.list(),
  refetchInterval: ({ state }) => (isRotating(state.data) ? lookAgainMs : false),
})

export function isRotating(keys: MasterKeys | undefined): boolean {
  return keys?.rotation?.finishedAt === null
}

/** A change of the keys, which answers how they stand after it. */
export function useKeyChange<T>(change: (input: T) => Promise<MasterKeys>, onDone: () => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: (keys) => {
      client.setQueryData(keysQuery.queryKey, keys)
      void client.invalidateQueries({ queryKey: settingsQuery.queryKey }) // has the active key's fingerprint
      onDone()
    },
  })
}
