export { readCheckpointPart } from './checkpoint-part.ts'
export { cleanError } from './clean-error.ts'
export { createCloseConnector } from './close/connector.ts'
export { connectorMap } from './connector-map.ts'
export { csvText } from './csv-text.ts'
export { failedCheck } from './failed-check.ts'
export { createFilesConnector } from './files/connector.ts'
export { dataFilePath, fileNameFault } from './files/data-file.ts'
export { runOfPart } from './files/part-file.ts'
export * from './interface.ts'
export { createPostgresConnector } from './postgres/connector.ts'
export {
  type SentSecrets,
  sentThrough,
  type WatchedCredential,
  watchCredential,
} from './watched-credential.ts'
