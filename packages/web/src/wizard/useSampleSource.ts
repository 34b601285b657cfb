import type { ConnectorDefinition } from '@latchwork/contract'
import { useQuery } from '@tanstack/react-query'
import { configToSend } from '../sides/config.ts'
import { sideQuery } from '../sides/queries.ts'
import type { SampleRequest } from '../sides/SampleSection.tsx'
import type { SideDraft } from './draft.ts'
import { connectorOf } from './path.ts'

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
