import type {
  Clock,
  Config,
  ConnectorContext,
  CredentialAccess,
  Destination,
  DestinationOptions,
} from '../interface.ts'
import { Targets } from '../target-name.ts'
import { type PostgresLimits, writeLimits } from './connection.ts'
import { tableName, targetTable } from './target.ts'
import { openWriter } from './writer.ts'

/** Opens the tables of a run's streams, each through a connection of its own, which it has for one transaction at a time. */
export function openPostgresDestination(
  config: Config,
  credential: CredentialAccess,
  context: ConnectorContext & { readonly clock: Clock },
  options: DestinationOptions,
  limits: PostgresLimits = writeLimits,
): Destination {
  const targets = new Targets((plan) => tableName(config, plan))
  return {
    open: async (plan, signal) => {
      const target = targetTable(config, plan, targets.claim(plan))
      for (const { label, table } of target.lists) targets.claimList(plan, label, table.name)
      return openWriter(target, credential, { ...context, signal }, { ...options, ...plan }, limits)
    },
    close: async () => undefined,
  }
}
