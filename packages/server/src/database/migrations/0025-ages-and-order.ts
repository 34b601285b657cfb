import type { ColumnKinds } from './kinds.ts'

/** Where the audit log was cut off by age, and the order in which alerts were raised. */
export function agesAndOrder({ integer }: ColumnKinds): string[] {
  return [
    // 0: nothing was removed.
    `alter table audit_head add column removed_to ${integer} not null default 0`,
    `alter table audit_head add column removed_hash text not null default ''`,
    `alter table alerts add column raised ${integer} not null default 0`,
    'create index alerts_raised on alerts (raised)',
    'drop index alerts_by_time',
    'drop index alerts_of_owner',
    'drop index alerts_unsent',
    'create index alerts_by_time on alerts (created_at, raised, id)',
    'create index alerts_of_owner on alerts (owner_id, created_at, raised, id)',
    'create index alerts_unsent on alerts (created_at, raised) where sent_at is null',
  ]
}
