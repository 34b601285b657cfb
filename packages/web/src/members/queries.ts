import { queryOptions } from '@tanstack/react-query'
import { api } from '../api/client.ts'

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

export const roles = [
  { value: 'member', label: 'Member' },
  { value: 'admin', label: 'Administrator' },
] as const
