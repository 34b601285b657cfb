import { closeConnector } from './close/connector.ts'
import { filesConnector } from './files/connector.ts'
import { guardConnector } from './guarded-connector.ts'
import type { Connector } from './interface.ts'
import { postgresConnector } from './postgres/connector.ts'

export { readCheckpointPart } from './checkpoint-part.ts'
export { cleanError } from './clean-error.ts'
export { failedCheck } from './failed-check.ts'
export { dataFilePath, fileNameFault } from './files/data-file.ts'
export * from './interface.ts'
export {
  type SentSecrets,
  sentThrough,
  type WatchedCredential,
  watchCredential,
} from './watched-credential.ts'

/** Every connector by its id. */
export const connectors: ReadonlyMap<string, Connector> = new Map([
  ['close', guardConnector(closeConnector)],
  ['postgres', guardConnector(postgresConnector)],
  ['files', guardConnector(filesConnector)],
])
