import type {
  Clock,
  Config,
  ConnectorContext,
  CredentialAccess,
  Destination,
  DestinationOptions,
  StreamWriter,
} from '../interface.ts'
import { Targets } from '../target-name.ts'
import { type PostgresLimits, writeLimits } from './connection.ts'
import { tableName, targetTable } from './target.ts'
import { openWriter } from './writer.ts'

/** Of what has no columns, and so no records. */
const nothingWriter: StreamWriter = {
  write: async () => {
    throw new Error('a record came of a stream that has no columns')
  },
  finish: async () => null,
  abort: async () => undefined,
  close: async () => undefined,
}

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
      // An empty file: a table of no columns could not take the records of another day.
      if (plan.columns.length === 0) return nothingWriter
      for (const { label, table } of target.lists) targets.claimList(plan, label, table.name)
      return openWriter(target, credential, { ...context, signal }, { ...options, ...plan }, limits)
    },
    close: async () => undefined,
  }
}
