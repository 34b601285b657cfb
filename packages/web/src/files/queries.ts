import type { StoredFile } from '@latchwork/contract'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../api/client.ts'

export const filesQuery = queryOptions({
  queryKey: ['files'],
  queryFn: () => api.files.list(),
  select: ({ items }) => items,
})

/** Where a browser fetches a file's bytes. @param named an id, or the name of one's own */
export function fileAddress(named: string): string {
  return `/api/files/${encodeURIComponent(named)}`
}

/** Whose a file is, in words; nothing for one's own. */
export function ownerWords({ owner }: StoredFile, myId: string | undefined): string | null {
  if (owner === null) return 'The administrators'
  return owner.id === myId ? null : owner.name
}
