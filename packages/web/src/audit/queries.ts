import type { AuditFilter } from '@latchwork/contract'
import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import { api } from '../api/client.ts'

const pageSize = 50

export const auditListQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam }) =>
      api.audit.list({
        query: { ...filter, limit: pageSize, ...(pageParam === null ? {} : { cursor: pageParam }) },
      }),
    initialPageParam: null as string | null, // widens the type: later pages have a cursor
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  })
