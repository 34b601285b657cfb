import { type RunListQuery, startOfTokenUse } from '@latchwork/contract'
import { type RawBuilder, sql } from 'kysely'
import { toMs } from '../../database/columns.ts'
import type { Database } from '../../database/database.ts'
import { equals } from '../../database/paging.ts'
import { type Viewer, visibleTo } from '../../identity/store/viewing.ts'

export type RunFilters = Pick<RunListQuery, 'flowId' | 'status' | 'starter' | 'startedBy' | 'from' | 'to'>

/** The conditions of a list of runs; null is none. */
export function runFilters({
  flowId,
  status,
  starter,
  startedBy: person,
  from,
  to,
}: RunFilters): (RawBuilder<boolean> | null)[] {
  const startedBy = sql.ref('runs.startedBy')
  const at = sql.ref('runs.createdAt')
  return [
    equals('runs.flowId', flowId),
    equals('runs.status', status),
    starter === 'person' ? sql<boolean>`${startedBy} is not null` : null,
    starter === 'schedule' ? sql<boolean>`${startedBy} is null` : null,
    person === undefined ? null : begunBy(startedBy, person),
    from === undefined ? null : sql<boolean>`${at} >= ${toMs(from)}`,
    to === undefined ? null : sql<boolean>`${at} <= ${toMs(to)}`,
  ]
}

function begunBy(startedBy: RawBuilder<unknown>, person: string): RawBuilder<boolean> {
  const start = startOfTokenUse(person)
  return sql<boolean>`${startedBy} is not null and (${startedBy} = ${person} or substr(${startedBy}, 1, ${[...start].length}) = ${start})`
}

/** More flows than these are no help to who looks for their runs. */
const flowsNamed = 200

/**
 * The condition that a viewer sees the run's flow. Named one by one, few flows are found by the index of their runs: a
 * database that has to look who sees each would walk past the runs of all others.
 */
export async function ofFlowsSeen(
  tables: Database['tables'],
  { flowId }: RunFilters,
  viewer: Viewer,
): Promise<RawBuilder<boolean> | null> {
  const isSeen = visibleTo(viewer, 'flow', { id: 'flows.id', owner: 'flows.ownerId' })
  if (isSeen === null || flowId !== undefined) return isSeen
  const seen = await tables
    .selectFrom('flows')
    .select('flows.id')
    .where(isSeen)
    .limit(flowsNamed + 1)
    .execute()
  if (seen.length > flowsNamed) return isSeen
  if (seen.length === 0) return sql<boolean>`1 = 0`
  return sql<boolean>`${sql.ref('runs.flowId')} in (${sql.join(seen.map(({ id }) => id))})`
}
