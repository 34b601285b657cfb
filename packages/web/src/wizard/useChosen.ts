import { type ConnectorDefinition, freeName, targetOf } from '@latchwork/contract'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { configToSend } from '../sides/config.ts'
import { type SideKind, sideChoicesQuery, sideQuery } from '../sides/queries.ts'
import type { SampleRequest } from '../sides/SampleSection.tsx'
import type { Names } from './create.ts'
import { choosesStreams, type Draft, type SideDraft } from './draft.ts'
import { suggestFlowName, suggestSideName } from './names.ts'
import { connectorOf } from './path.ts'

/** What the source, the destination and the flow are called: as typed, or as suggested from what was chosen. */
export function useNames(draft: Draft, connectors: readonly ConnectorDefinition[]): Names {
  const source = useSideName('source', draft, connectors)
  const destination = useSideName('destination', draft, connectors)
  return { source, destination, flow: draft.name ?? suggestFlowName(source, destination) }
}

function useSideName(kind: SideKind, draft: Draft, connectors: readonly ConnectorDefinition[]): string {
  const side = draft[kind]
  const existing = useQuery(sideChoicesQuery(kind)).data?.items ?? []
  const credential = useQuery({
    queryKey: ['credentials', 'name', side.credentialId],
    queryFn: () => api.credentials.get({ params: { id: side.credentialId ?? '' } }),
    enabled: side.credentialId !== null,
  })
  if (side.existingId !== null) return existing.find(({ id }) => id === side.existingId)?.name ?? ''
  if (side.name !== null) return side.name
  const suggested = suggestSideName(kind, side, connectorOf(side, connectors), credential.data?.name ?? null)
  return freeName(
    suggested,
    existing.map(({ name }) => name),
  )
}

/** The source of the draft as a request for its records: the one being made, or the one that is reused. */
export function useSampleSource(
  side: SideDraft,
  connectors: readonly ConnectorDefinition[],
): SampleRequest | null {
  const existing = useQuery({
    ...sideQuery('source', side.existingId ?? ''),
    enabled: side.existingId !== null,
  })
  if (side.existingId !== null) {
    if (existing.data === undefined) return null
    const { connector, credentialId, config } = existing.data
    return { connector, credentialId, config }
  }
  if (side.connector === null) return null
  const fields = connectorOf(side, connectors)?.source?.fields ?? []
  return {
    connector: side.connector,
    credentialId: side.credentialId,
    config: configToSend(fields, side.config),
  }
}

/** The source as its records are looked at: the first stream that was chosen. Null where none is known. */
export function sampledSource(
  source: SampleRequest | null,
  draft: Draft,
  connectors: readonly ConnectorDefinition[],
): SampleRequest | null {
  if (source === null || !choosesStreams(draft, connectors)) return source
  const stream = draft.streams.everything ? undefined : draft.streams.chosen[0]
  if (draft.streams.everything || stream === undefined) return null
  // As a run is told: beside others it has a place of its own.
  return { ...source, stream: { ...stream, target: targetOf(stream, draft.streams.chosen.length) } }
}
