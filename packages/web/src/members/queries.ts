import { queryOptions, useQuery } from '@tanstack/react-query'
import { api } from '../app/api.ts'
import { sessionQuery } from '../app/session-query.ts'

export const memberKeys = {
  all: ['members'] as const,
  invitations: ['members', 'invitations'] as const,
}

export const membersQuery = queryOptions({
  queryKey: memberKeys.all,
  queryFn: () => api.members.list(),
  select: ({ items }) => items,
})

export const invitationsQuery = queryOptions({
  queryKey: memberKeys.invitations,
  queryFn: () => api.invitations.list(),
  select: ({ items }) => items,
})

/** Who is signed in; null until that is known. */
export function useMe() {
  return useQuery(sessionQuery).data?.user ?? null
}
