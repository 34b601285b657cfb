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

/** What the account has to choose from for a parameter. Null: the source isn't known yet, or isn't asked. */
export const optionsQuery = (source: SampleRequest | null, of: { stream: string; parameter: string }) =>
  queryOptions({
    queryKey: ['options', source?.connector, source?.credentialId, source?.config, of],
    queryFn: async () => {
      if (source === null) return []
      const { connector, credentialId, config } = source
      return (await api.sources.offeredOptions({ body: { connector, credentialId, config, of } })).items
    },
    enabled: source !== null,
    staleTime: 5 * 60_000,
    retry: false,
  })
