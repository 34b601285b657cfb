import type { ColumnKinds } from './kinds.ts'

/** Who may do what, and the log of who did what. */
export function accessAndAudit({ integer, strict }: ColumnKinds): string[] {
  return [
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
