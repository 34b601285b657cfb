import type { Connector } from '../interface.ts'
import { postgresDefinition } from './definition.ts'

/** PostgreSQL databases. */
export const postgresConnector: Connector = {
  definition: () => postgresDefinition,
}
