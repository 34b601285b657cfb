import { LatchworkError } from '@latchwork/contract'
import type { Clock, Connector, CredentialAccess } from '../interface.ts'
import { checkPostgres, identifyPostgres } from './check.ts'
import { postgresCredentialFaults } from './connection.ts'
import { postgresDefinition } from './definition.ts'
import { openPostgresDestination } from './destination.ts'
import { previewPostgres } from './preview.ts'
import { postgresDestinationFaults, tableName } from './target.ts'

/** PostgreSQL databases. */
export const createPostgresConnector = ({ clock }: { readonly clock: Clock }): Connector => ({
  definition: postgresDefinition,
  host: (values) => values['host'] ?? '',
  check: (credential, context) => checkPostgres(credential, context),
  identify: (credential, context) => identifyPostgres(credential, context),
  validateCredential: (_method, values) => postgresCredentialFaults(values),
  validateDestination: postgresDestinationFaults,
  openDestination: async (config, credential, context, options) =>
    openPostgresDestination(config, needed(credential), { ...context, clock }, options),
  writesTo: (config, { host = '', port = '5432', database = '' }, stream) => ({
    kind: 'table',
    place: JSON.stringify([host.toLowerCase(), port, database, config['schema'] ?? 'public']),
    name: tableName(config, stream),
  }),
  preview: (config, credential, context, dataset) =>
    previewPostgres(config, needed(credential), context, dataset),
})

function needed(credential: CredentialAccess | null): CredentialAccess {
  if (credential !== null) return credential
  throw new LatchworkError('credential_not_found', { message: 'Choose a credential for PostgreSQL first.' })
}
