import type { ConnectorDefinition } from '@latchwork/contract'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { type EndKind, endChoicesQuery } from '../sides/queries.ts'
import type { Names } from './create.ts'
import type { Draft } from './draft.ts'
import { freeName, suggestEndName, suggestFlowName } from './names.ts'
import { connectorOf } from './path.ts'

/** What the source, the destination and the flow are called: as typed, or as suggested from what was chosen. */
export function useNames(draft: Draft, connectors: readonly ConnectorDefinition[]): Names {
  const source = useEndName('source', draft, connectors)
  const destination = useEndName('destination', draft, connectors)
  return { source, destination, flow: draft.name ?? suggestFlowName(source, destination) }
}

function useEndName(kind: EndKind, draft: Draft, connectors: readonly ConnectorDefinition[]): string {
  const end = draft[kind]
  const existing = useQuery(endChoicesQuery(kind)).data?.items ?? []
  const credential = useQuery({
    queryKey: ['credentials', 'name', end.credentialId],
    queryFn: () => api.credentials.get({ params: { id: end.credentialId ?? '' } }),
    enabled: end.credentialId !== null,
  })
  if (end.existingId !== null) return existing.find(({ id }) => id === end.existingId)?.name ?? ''
  if (end.name !== null) return end.name
  const suggested = suggestEndName(kind, end, connectorOf(end, connectors), credential.data?.name ?? null)
  return freeName(
    suggested,
    existing.map(({ name }) => name),
  )
}
