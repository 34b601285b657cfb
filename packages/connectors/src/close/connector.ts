import type { Connector } from '../interface.ts'
import { closeDefinition } from './definition.ts'

/** The Close CRM. */
export const closeConnector: Connector = {
  definition: ({ closeAppUrl }) => closeDefinition(closeAppUrl),
}
