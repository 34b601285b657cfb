import type { StoredFile } from '@latchwork/contract'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../api/client.ts'

/** All of them, page by page: what is chosen from, and which names are taken. */
export const filesQuery = queryOptions({
  queryKey: ['files'],
  queryFn: async (): Promise<StoredFile[]> => {
    const files: StoredFile[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await api.files.list({ query: { limit: 200, cursor } })
      files.push(...page.items)
      cursor = page.nextCursor
    }
    return files
  },
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
