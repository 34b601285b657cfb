import { closeConnector } from './close/connector.ts'
import { filesConnector } from './files/connector.ts'
import type { Connector } from './interface.ts'
import { postgresConnector } from './postgres/connector.ts'

export { dataFilePath, fileNameFault } from './files/data-file.ts'
export * from './interface.ts'

/** Every connector by its id. */
export const connectors: ReadonlyMap<string, Connector> = new Map([
  ['close', closeConnector],
  ['postgres', postgresConnector],
  ['files', filesConnector],
])
