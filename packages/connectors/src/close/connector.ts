import { type Budget, RateBudget } from '@latchwork/close'
import { LatchworkError } from '@latchwork/contract'
import type { Connector, ConnectorContext, CredentialAccess } from '../interface.ts'
import { checkClose, identifyClose } from './check.ts'
import type { CloseContext, CloseParts } from './close-client.ts'
import { closeDefinition } from './definition.ts'
import {
  closeDestinationFaults,
  findInClose,
  namesCustomFields,
  openCloseDestination,
  previewCloseDestination,
} from './destination.ts'
import { closeOAuthServer } from './oauth-server.ts'
import { parameterFaults } from './parameter-faults.ts'
import { closeSelections, closeSourceFaults, openCloseSource } from './source.ts'

export interface CloseConnectorParts extends CloseParts {
  readonly appUrl: string
  /** The budget of an organization, shared by everything that acts for it; left out: by this connector alone. */
  readonly budgetOf?: (organization: string) => Budget
}

/** The Close CRM. Everything that acts for one organization through this connector shares one rate budget. */
export function createCloseConnector(parts: CloseConnectorParts): Connector {
  const { appUrl, apiUrl, clock } = parts
  const { budgetOf = ownBudgets(clock) } = parts
  const budget: CloseContext['budget'] = ({ id, organizationId }) => budgetOf(organizationId ?? id)
  const within = (context: ConnectorContext): CloseContext => ({ ...parts, ...context, budget })
  return {
    definition: closeDefinition(appUrl),
    oauth: closeOAuthServer(apiUrl, appUrl),
    secretsGoTo: apiUrl,
    host: () => new URL(apiUrl).host,
    check: (credential, context) => checkClose(credential, within(context)),
    identify: (credential, context) => identifyClose(credential, within(context)),
    validateSource: closeSourceFaults,
    validateParameters: parameterFaults,
    validateDestination: closeDestinationFaults,
    namesOwn: namesCustomFields,
    selectionsOf: closeSelections,
    openSource: async (_config, credential, context) => openCloseSource(needed(credential), within(context)),
    openDestination: async (config, credential, context, options) =>
      openCloseDestination(config, needed(credential), within(context), options),
    preview: async (config, credential, context, dataset) =>
      previewCloseDestination(config, needed(credential), within(context), dataset),
    findCreated: async (config, credential, context, dataset) =>
      findInClose(config, needed(credential), within(context), dataset),
  }
}

function ownBudgets(clock: CloseParts['clock']): (organization: string) => Budget {
  const budgets = new Map<string, Budget>()
  return (organization) => {
    const shared = budgets.get(organization) ?? new RateBudget({ clock })
    budgets.set(organization, shared)
    return shared
  }
}

function needed(credential: CredentialAccess | null): CredentialAccess {
  if (credential !== null) return credential
  throw new LatchworkError('credential_not_found', { message: 'Choose a credential for Close first.' })
}
