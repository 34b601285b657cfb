import type { ColumnKinds } from './kinds.ts'

/** A log whose entries and end are bound to a key, entries that wait for it, and what runs use until they are written down. */
export function auditKeyed({ integer, sortedText, strict }: ColumnKinds): string[] {
  return [
    `alter table audit_entries add column actor_email text`,
    // 0: as it was before entries had keyed hashes
    `alter table audit_head add column since ${integer} not null default 0`,
    `alter table audit_head add column accepted ${integer} not null default 0`,
    `create table audit_pending (
      id ${sortedText} not null primary key,
      at ${integer} not null,
      act text not null,
      mac text not null
    ) ${strict}`,
    `create index audit_pending_by_time on audit_pending (at, id)`,
    `create table run_uses (
      run_id ${sortedText} not null references runs (id) on delete cascade,
      credential_id ${sortedText} not null,
      direction text not null check (direction in ('read', 'write')),
      count ${integer} not null,
      primary key (run_id, credential_id, direction)
    ) ${strict}`,
  ]
}
