import type { Connector, OAuthServer } from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'

export type Connectors = ReadonlyMap<string, Connector>

/**
 * The OAuth server that issues a credential's tokens, and the name of its system for people.
 * @throws {LatchworkError} `connector_unknown`
 */
export function oauthOf(
  connectors: Connectors,
  { connector: id }: { readonly connector: string },
): { readonly server: OAuthServer; readonly label: string } {
  const connector = connectors.get(id)
  if (connector === undefined) throw new LatchworkError('connector_unknown')
  if (connector.oauth === undefined) throw new Error(`${id} is authorized by OAuth and names no OAuth server`)
  return { server: connector.oauth, label: connector.definition.label }
}
