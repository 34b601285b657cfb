import type { grantedRoles, ResourceKind } from '@latchwork/contract'
import { type RawBuilder, sql } from 'kysely'
import { everyone } from '../../database/identity-tables.ts'

export type GrantedRole = (typeof grantedRoles)[number]

/** The part of a list that a person sees: everything (null), or what is theirs or shared with them. */
export type Viewer = { readonly memberId: string } | null

/** A thing that is owned and shared. */
export interface Thing {
  readonly kind: ResourceKind
  readonly id: string
}

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
