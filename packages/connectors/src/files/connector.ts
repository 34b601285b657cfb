import type { Connector } from '../interface.ts'
import { filesDefinition } from './definition.ts'

/** JSON Lines and CSV files in the server's data folder. */
export const filesConnector: Connector = {
  definition: () => filesDefinition,
}
