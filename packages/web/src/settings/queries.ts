import { queryOptions } from '@tanstack/react-query'
import { api } from '../api/client.ts'

export const tokensKey = ['tokens'] as const

export const tokensQuery = queryOptions({
  queryKey: tokensKey,
  queryFn: () => api.tokens.list(),
  select: ({ items }) => items,
})

export const signInsKey = ['sign-ins'] as const

export const signInsQuery = queryOptions({
  queryKey: signInsKey,
  queryFn: () => api.signIns.list(),
  select: ({ items }) => items,
})

export const passkeysKey = ['passkeys'] as const

export const passkeysQuery = queryOptions({
  queryKey: passkeysKey,
  queryFn: () => api.passkeys.list(),
  select: ({ items }) => items,
})
