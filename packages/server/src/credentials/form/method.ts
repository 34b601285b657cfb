import type { Connector } from '@latchwork/connectors'
import { LatchworkError, type MethodDefinition } from '@latchwork/contract'

/** A method of a connector, whose form it is. */
export interface KnownMethod {
  readonly connector: Connector
  readonly method: MethodDefinition
}

/** @throws {LatchworkError} `connector_unknown`, `method_unknown` */
export function findMethod(
  connectors: ReadonlyMap<string, Connector>,
  connectorId: string,
  methodId: string,
): KnownMethod {
  const connector = connectors.get(connectorId)
  if (connector === undefined) throw new LatchworkError('connector_unknown')
  const method = connector.definition.methods.find(({ id }) => id === methodId)
  if (method === undefined) throw new LatchworkError('method_unknown')
  return { connector, method }
}
