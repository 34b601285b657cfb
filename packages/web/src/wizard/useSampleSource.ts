import type { ConnectorDefinition } from '@latchwork/contract'
import { useQuery } from '@tanstack/react-query'
import { configToSend } from '../sides/config.ts'
import { endQuery } from '../sides/queries.ts'
import type { SampleRequest } from '../sides/SampleSection.tsx'
import type { EndDraft } from './draft.ts'
import { connectorOf } from './path.ts'

/** The source of the draft as a request for its records: the one being made, or the one that is reused. */
export function useSampleSource(
  end: EndDraft,
  connectors: readonly ConnectorDefinition[],
): SampleRequest | null {
  const existing = useQuery({ ...endQuery('source', end.existingId ?? ''), enabled: end.existingId !== null })
  if (end.existingId !== null) {
    if (existing.data === undefined) return null
    const { connector, credentialId, config } = existing.data
    return { connector, credentialId, config }
  }
  if (end.connector === null) return null
  const fields = connectorOf(end, connectors)?.source?.fields ?? []
  return {
    connector: end.connector,
    credentialId: end.credentialId,
    config: configToSend(fields, end.config),
  }
}
