import { LatchworkError } from '@latchwork/contract'
import type { Connector, CredentialAccess } from '../interface.ts'
import { checkClose, identifyClose } from './check.ts'
import { closeDefinition } from './definition.ts'
import { closeDestinationFaults, openCloseDestination, previewCloseDestination } from './destination.ts'
import { closeSourceFaults, openCloseSource } from './source.ts'

/** The Close CRM. */
export const closeConnector: Connector = {
  definition: ({ closeAppUrl }) => closeDefinition(closeAppUrl),
  check: checkClose,
  identify: identifyClose,
  validateSource: closeSourceFaults,
  validateDestination: closeDestinationFaults,
  openSource: async (config, credential, context, purpose) =>
    openCloseSource(config, needed(credential), context, purpose),
  openDestination: async (config, credential, context, options) =>
    openCloseDestination(config, needed(credential), context, options),
  preview: async (config, credential, context, dataset) =>
    previewCloseDestination(config, needed(credential), context, dataset),
}

function needed(credential: CredentialAccess | null): CredentialAccess {
  if (credential !== null) return credential
  throw new LatchworkError('credential_not_found', { message: 'Choose a credential for Close first.' })
}
