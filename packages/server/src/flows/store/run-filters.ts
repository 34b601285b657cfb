import type { RunListQuery } from '@latchwork/contract'
import { type RawBuilder, sql } from 'kysely'
import { toMs } from '../../database/columns.ts'
import { equals } from '../../database/paging.ts'

export type RunFilters = Pick<RunListQuery, 'flowId' | 'status' | 'starter' | 'from' | 'to'>

/** The conditions of a list of runs; null is none. */
export function runFilters({
  flowId,
  status,
  starter,
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
    from === undefined ? null : sql<boolean>`${at} >= ${toMs(from)}`,
    to === undefined ? null : sql<boolean>`${at} <= ${toMs(to)}`,
  ]
}
