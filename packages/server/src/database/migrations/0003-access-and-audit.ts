import type { ColumnKinds } from './kinds.ts'

/** Who may do what, and the log of who did what. */
export function accessAndAudit({ integer, sortedText, strict }: ColumnKinds): string[] {
  /** Until now every member could use, check and run all that there was. */
  const sharedSoFar = (kind: string, from: string) =>
    `insert into resource_grants (resource_id, member_id, resource_kind, role, granted_by, granted_at)
      select id, '*', ${kind}, 'operator', owner_id, updated_at from ${from}`
  return [
    `create table resource_grants (
      resource_id ${sortedText} not null,
      member_id text not null,
      resource_kind text not null check (resource_kind in ('credential', 'source', 'destination', 'flow')),
      role text not null check (role in ('collaborator', 'operator', 'admin')),
      granted_by text not null,
      granted_at ${integer} not null,
      primary key (resource_id, member_id)
    ) ${strict}`,
    `create index grants_of_member on resource_grants (member_id, resource_kind, resource_id)`,
    sharedSoFar(`'credential'`, `credentials where status <> 'draft'`),
    sharedSoFar('kind', 'ends'),
    sharedSoFar(`'flow'`, 'flows'),
    `create index credentials_of_owner on credentials (owner_id)`,
    `create index ends_of_owner on ends (owner_id, kind)`,
    `create index flows_of_owner on flows (owner_id)`,
    `create table invitations (
      id text not null primary key,
      email text not null unique,
      role text not null check (role in ('admin', 'member')),
      token_hash text not null unique,
      invited_by text not null,
      created_at ${integer} not null,
      expires_at ${integer} not null
    ) ${strict}`,

    `create table audit_entries (
      sequence ${integer} not null primary key,
      at ${integer} not null,
      actor_kind text not null,
      actor_id text,
      actor_name text not null,
      action text not null,
      action_kind text not null,
      object_kind text,
      object_id text,
      object_name text,
      result text not null,
      reason text,
      state_before text,
      state_after text,
      address text,
      agent text,
      request_id text,
      hash text not null
    ) ${strict}`,
    `create index audit_by_time on audit_entries (at, sequence)`,
    `create index audit_by_actor on audit_entries (actor_id, sequence)`,
    `create index audit_by_object on audit_entries (object_id, sequence)`,
    `create index audit_by_action on audit_entries (action_kind, action, sequence)`,
    `create index audit_by_result on audit_entries (result, sequence)`,
    `create table audit_head (
      id ${integer} not null primary key check (id = 1),
      sequence ${integer} not null,
      hash text not null,
      last_at ${integer} not null,
      signature text not null
    ) ${strict}`,
    `insert into audit_head (id, sequence, hash, last_at, signature) values (1, 0, '${'0'.repeat(64)}', 0, '')`,
  ]
}
