import type { ColumnKinds } from './kinds.ts'

/** Health and rotation: when to check, what was seen, what was told, and what a replacement put aside. */
export function health({ integer, sortedText, strict, clientIdColumn }: ColumnKinds): string[] {
  const saved = `where status <> 'draft' and deleted_at is null`
  return [
    // 0: not planned yet
    `alter table credentials add column next_check_at ${integer} not null default 0`,
    `alter table credentials add column key_note text`,
    `alter table credentials add column permissions text`,
    `alter table credentials add column ${clientIdColumn}`,
    `create index credentials_next_check on credentials (next_check_at) ${saved}`,
    `create index credentials_status_at on credentials (status_at) ${saved}`,
    `create index credentials_client on credentials (client_id) where client_id is not null`,

    `create table previous_secrets (
      credential_id ${sortedText} not null primary key references credentials (id) on delete cascade,
      method text not null,
      field_values text not null,
      sealed text not null,
      version ${integer} not null,
      identity text,
      granted_scope text,
      access_token_expires_at ${integer},
      suffix text,
      key_note text,
      replaced_at ${integer} not null,
      undo_until ${integer} not null,
      ends_at ${integer} not null
    ) ${strict}`,
    `create index previous_secrets_ends on previous_secrets (ends_at)`,

    // What the alerts of a credential are decided from.
    `create table credential_health (
      credential_id ${sortedText} not null primary key references credentials (id) on delete cascade,
      observed_at ${integer} not null,
      secret_version ${integer} not null,
      status text not null,
      reason_code text,
      streak ${integer} not null
    ) ${strict}`,
    // One row a credential and day: the worst that was seen.
    `create table health_days (
      credential_id ${sortedText} not null references credentials (id) on delete cascade,
      day text not null,
      worst text not null,
      reason_code text,
      reason_message text,
      last text not null,
      primary key (credential_id, day)
    ) ${strict}`,
    `create index health_days_day on health_days (day)`,
    // What is wrong now and was told: the key keeps it from being told twice.
    `create table alert_conditions (
      name ${sortedText} not null primary key,
      since ${integer} not null
    ) ${strict}`,
    `create table alerts (
      id ${sortedText} not null primary key,
      kind text not null,
      credential_id text,
      owner_id text not null,
      code text,
      title text not null,
      message text not null,
      created_at ${integer} not null,
      sent_at ${integer}
    ) ${strict}`,
    `create index alerts_by_time on alerts (created_at, id)`,
    `create index alerts_of_owner on alerts (owner_id, created_at, id)`,
    `create index alerts_unsent on alerts (created_at) where sent_at is null`,
  ]
}
