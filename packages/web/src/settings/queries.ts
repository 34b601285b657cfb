import { queryOptions } from '@tanstack/react-query'
import { api } from '../app/api.ts'

export const tokensKey = ['tokens'] as const

export const tokensQuery = queryOptions({
  queryKey: tokensKey,
  queryFn: () => api.tokens.list(),
  select: ({ items }) => items,
})
