import { queryOptions } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import type { SampleRequest } from '../sides/SampleSection.tsx'

/** The streams that a source offers, saved or not. Null: it isn't known yet. */
export const offeredQuery = (source: SampleRequest | null) =>
  queryOptions({
    queryKey: ['offered', source?.connector, source?.credentialId, source?.config],
    queryFn: async () => {
      if (source === null) return []
      const { connector, credentialId, config } = source
      return (await api.sources.offered({ body: { connector, credentialId, config } })).items
    },
    enabled: source !== null,
    staleTime: 5 * 60_000,
    retry: false,
  })
