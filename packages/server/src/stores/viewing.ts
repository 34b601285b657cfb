import type { ResourceKind } from '@latchwork/contract'
import { type RawBuilder, sql } from 'kysely'
import type { Viewer } from './access-interface.ts'

/** Stands for everyone among the ids of those who have grants. */
export const everyone = '*'

/** The condition "is the viewer's own, or shared with them"; null for a viewer who sees all. */
export function visibleTo(
  viewer: Viewer,
  kind: ResourceKind,
  columns: { readonly id: string; readonly owner: string },
): RawBuilder<boolean> | null {
  if (viewer === null) return null
  const { memberId } = viewer
  return sql<boolean>`(${sql.ref(columns.owner)} = ${memberId} or ${sql.ref(columns.id)} in (
    select resource_id from resource_grants
    where subject_id in (${memberId}, ${everyone}) and resource_kind = ${kind}))`
}
