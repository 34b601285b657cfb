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

/** A part of a list by whose the things are; left out: everybody's. */
export interface OwnerFilter {
  readonly owned?: { readonly memberId: string; readonly mine: boolean } | undefined
}

/** What a person asks for of a list: their own things, or those of others. */
export function ownerFilter(owner: 'me' | 'others' | undefined, memberId: string): OwnerFilter {
  return owner === undefined ? {} : { owned: { memberId, mine: owner === 'me' } }
}

/** The condition of the filter; null for none. */
export function ownedBy({ owned }: OwnerFilter, column: string): RawBuilder<boolean> | null {
  if (owned === undefined) return null
  const own = sql<boolean>`${sql.ref(column)} = ${owned.memberId}`
  return owned.mine ? own : sql<boolean>`not ${own}`
}

/** The owner's name, for a select; null for one who was removed. */
export function nameOf(ownerColumn: string): RawBuilder<string | null> {
  return sql<string | null>`(select name from "user" where "user".id = ${sql.ref(ownerColumn)})`
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
