import { guardConnector } from './guarded-connector.ts'
import type { Connector } from './interface.ts'

/** Connectors by their ids, guarded: what their systems say is fit to be shown, logged and stored. */
export function connectorMap(connectors: readonly Connector[]): ReadonlyMap<string, Connector> {
  return new Map(connectors.map((connector) => [connector.definition.id, guardConnector(connector)]))
}
