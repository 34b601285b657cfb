import type { Usage } from '@latchwork/contract'
import type { Database } from '../../database/database.ts'

type Tables = Database['tables']

/** A source, a destination, a flow or a pass that uses a credential, with its owner. */
export interface CredentialUser {
  readonly kind: Usage['items'][number]['kind']
  readonly id: string
  readonly name: string
  readonly ownerId: string
  readonly lastUsedAt: number | null
}

export function openUsageStore({ tables }: Database) {
  return {
    of: (credentialId: string) => credentialUsage(tables, credentialId),
    /** How many entries `of` would have, for each of the credentials. */
    counts: (credentialIds: readonly string[]) => credentialUsageCounts(tables, credentialIds),
  }
}

export type UsageStore = ReturnType<typeof openUsageStore>

/** The sources, destinations and passes of a credential, and the flows that have one of them on either side. */
async function credentialUsage(tables: Tables, credentialId: string): Promise<CredentialUser[]> {
  const sides = await tables
    .selectFrom('sides')
    .select(['id', 'kind', 'name', 'ownerId', 'lastUsedAt'])
    .where('credentialId', '=', credentialId)
    .orderBy('kind', 'desc')
    .orderBy('sortName')
    .execute()
  const passes = await tables
    .selectFrom('passes')
    .select(['id', 'name', 'ownerId', 'lastUsedAt'])
    .where('credentialId', '=', credentialId)
    .where('revokedAt', 'is', null)
    .orderBy('sortName')
    .execute()
  const passing = passes.map((each) => ({ kind: 'pass' as const, ...each }))
  if (sides.length === 0) return passing
  const ids = sides.map((side) => side.id)
  const flows = await tables
    .selectFrom('flows')
    .select(['id', 'name', 'ownerId'])
    .select((eb) =>
      eb
        .selectFrom('runs')
        .whereRef('runs.flowId', '=', 'flows.id')
        .select((run) => run.fn.max('runs.createdAt').as('lastUsedAt'))
        .as('lastUsedAt'),
    )
    .where((eb) => eb.or([eb('sourceId', 'in', ids), eb('destinationId', 'in', ids)]))
    .orderBy('sortName')
    .execute()
  return [
    ...sides.map(({ id, kind, name, ownerId, lastUsedAt }) => ({
      kind: kind === 'source' ? ('source' as const) : ('destination' as const),
      id,
      name,
      ownerId,
      lastUsedAt,
    })),
    ...flows.map(({ id, name, ownerId, lastUsedAt }) => ({
      kind: 'flow' as const,
      id,
      name,
      ownerId,
      lastUsedAt,
    })),
    ...passing,
  ]
}

async function credentialUsageCounts(
  tables: Tables,
  credentialIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map(credentialIds.map((id) => [id, 0]))
  if (credentialIds.length === 0) return counts
  const used = (column: 'flows.sourceId' | 'flows.destinationId') =>
    tables
      .selectFrom('sides')
      .innerJoin('flows', 'sides.id', column)
      .where('sides.credentialId', 'in', credentialIds)
      .select(['sides.credentialId', 'flows.id'])
  const sides = tables
    .selectFrom('sides')
    .where('sides.credentialId', 'in', credentialIds)
    .select(['sides.credentialId', 'sides.id'])
  const passes = tables
    .selectFrom('passes')
    .where('passes.credentialId', 'in', credentialIds)
    .where('passes.revokedAt', 'is', null)
    .select(['passes.credentialId', 'passes.id'])
  // A flow with the credential on both sides counts once: the union has each once.
  const rows = await tables
    .selectFrom(
      sides.union(used('flows.sourceId')).union(used('flows.destinationId')).union(passes).as('users'),
    )
    .select((eb) => ['credentialId', eb.fn.countAll<number>().as('count')])
    .groupBy('credentialId')
    .execute()
  for (const { credentialId, count } of rows) counts.set(credentialId ?? '', Number(count))
  return counts
}
