import type { CredentialStatus } from '@latchwork/contract'
import { api } from '../api/client.ts'
import { pagesQuery } from '../api/pages.ts'

/** The credentials of one status, with the days of their checks. */
export const checksQuery = (filter: { readonly query: string; readonly status: CredentialStatus }) =>
  pagesQuery({
    key: ['health', filter],
    ask: (page) => api.health.list({ query: { ...filter, ...page } }),
    size: 25,
    keepPrevious: true,
  })
