import type { ColumnKinds } from './kinds.ts'

/** The tables of version 0.1. */
export function start({ integer, sortedText, strict, authTime, authBoolean }: ColumnKinds): string[] {
  const saved = `where status <> 'draft' and deleted_at is null`
  return [
    // better-auth's tables, in its own spelling
    `create table "user" (
      "id" text not null primary key,
      "name" text not null,
      "email" text not null unique,
      "emailVerified" ${authBoolean} not null,
      "image" text,
      "createdAt" ${authTime} not null,
      "updatedAt" ${authTime} not null,
      "role" text not null default 'member'
    )`,
    `create table "account" (
      "id" text not null primary key,
      "accountId" text not null,
      "providerId" text not null,
      "userId" text not null references "user" ("id") on delete cascade,
      "accessToken" text,
      "refreshToken" text,
      "idToken" text,
      "accessTokenExpiresAt" ${authTime},
      "refreshTokenExpiresAt" ${authTime},
      "scope" text,
      "password" text,
      "createdAt" ${authTime} not null,
      "updatedAt" ${authTime} not null
    )`,
    `create index "account_userId_idx" on "account" ("userId")`,
    `create table "verification" (
      "id" text not null primary key,
      "identifier" text not null,
      "value" text not null,
      "expiresAt" ${authTime} not null,
      "createdAt" ${authTime} not null,
      "updatedAt" ${authTime} not null
    )`,
    `create index "verification_identifier_idx" on "verification" ("identifier")`,

    `create table sessions (
      key_hash text not null primary key,
      value text not null,
      expires_at ${integer}
    ) ${strict}`,
    `create index sessions_expiry on sessions (expires_at) where expires_at is not null`,
    `create table facts (name text not null primary key, value text not null) ${strict}`,
    `create table api_tokens (
      id text not null primary key,
      user_id text not null,
      name text not null,
      hash text not null unique,
      suffix text not null,
      created_at ${integer} not null,
      expires_at ${integer},
      last_used_at ${integer}
    ) ${strict}`,
    `create index api_tokens_user on api_tokens (user_id, created_at)`,

    `create table credentials (
      id ${sortedText} not null primary key,
      connector text not null,
      method text not null,
      owner_id text not null,
      name text not null,
      name_key ${sortedText} not null,
      description text not null,
      tags text not null,
      status text not null check (status in ('draft', 'verified', 'unverified', 'failed')),
      reason_code text,
      reason_message text,
      status_at ${integer} not null,
      identity text,
      field_values text not null,
      sealed text not null,
      secret_version ${integer} not null,
      granted_scope text,
      access_token_expires_at ${integer},
      generation ${integer} not null default 0,
      intent_generation ${integer},
      intent_at ${integer},
      lease_owner text,
      lease_expires_at ${integer},
      draft_expires_at ${integer},
      search_name text not null,
      search_description text not null,
      search_account text not null,
      search_tags text not null,
      created_at ${integer} not null,
      updated_at ${integer} not null,
      last_used_at ${integer} not null default 0,
      deleted_at ${integer}
    ) ${strict}`,
    `create unique index credentials_name on credentials (owner_id, name_key) ${saved}`,
    `create index credentials_by_name on credentials (name_key, id) ${saved}`,
    `create index credentials_by_update on credentials (updated_at, id) ${saved}`,
    `create index credentials_by_use on credentials (last_used_at, id) ${saved}`,
    // Has every column that a count looks at, so that counting reads no rows.
    `create index credentials_count on credentials (status, connector, method, deleted_at) ${saved}`,
    `create index credentials_drafts on credentials (draft_expires_at) where status = 'draft'`,
    `create index credentials_deleted on credentials (deleted_at) where deleted_at is not null`,
    `create index credentials_expiring on credentials (access_token_expires_at)
      where access_token_expires_at is not null and deleted_at is null`,

    `create table authorizations (
      state_hash text not null primary key,
      credential_id ${sortedText} not null references credentials (id) on delete cascade,
      user_id text not null,
      browser_hash text not null,
      sealed_verifier text not null,
      return_to text not null,
      display text not null,
      confirm_identity_change ${integer} not null,
      expires_at ${integer} not null
    ) ${strict}`,
    `create index authorizations_credential on authorizations (credential_id)`,
    `create index authorizations_expiry on authorizations (expires_at)`,

    `create table ends (
      id ${sortedText} not null primary key,
      kind text not null check (kind in ('source', 'destination')),
      connector text not null,
      credential_id ${sortedText} references credentials (id),
      owner_id text not null,
      name text not null,
      name_key ${sortedText} not null,
      description text not null,
      config text not null,
      search_name text not null,
      search_description text not null,
      created_at ${integer} not null,
      updated_at ${integer} not null,
      last_used_at ${integer}
    ) ${strict}`,
    `create unique index ends_name on ends (owner_id, kind, name_key)`,
    `create index ends_by_name on ends (kind, name_key, id)`,
    `create index ends_credential on ends (credential_id) where credential_id is not null`,

    `create table flows (
      id ${sortedText} not null primary key,
      name text not null,
      name_key ${sortedText} not null,
      description text not null,
      owner_id text not null,
      source_id ${sortedText} not null references ends (id),
      destination_id ${sortedText} not null references ends (id),
      schedule_minutes ${integer},
      next_run_at ${integer},
      search_name text not null,
      search_description text not null,
      created_at ${integer} not null,
      updated_at ${integer} not null
    ) ${strict}`,
    `create unique index flows_name on flows (owner_id, name_key)`,
    `create index flows_by_name on flows (name_key, id)`,
    `create index flows_source on flows (source_id)`,
    `create index flows_destination on flows (destination_id)`,
    `create index flows_due on flows (next_run_at) where next_run_at is not null`,

    `create table runs (
      id ${sortedText} not null primary key,
      flow_id ${sortedText} not null references flows (id) on delete cascade,
      status text not null default 'queued'
        check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
      cancelling ${integer} not null default 0,
      records_read ${integer} not null default 0,
      records_written ${integer} not null default 0,
      records_refused ${integer} not null default 0,
      pages ${integer} not null default 0,
      records_expected ${integer},
      resumes ${integer} not null default 0,
      error_code text,
      error_message text,
      activity text,
      output_file text,
      output_bytes ${integer},
      started_by text,
      checkpoint text,
      created_at ${integer} not null,
      started_at ${integer},
      finished_at ${integer}
    ) ${strict}`,
    `create unique index runs_active on runs (flow_id) where status in ('queued', 'running')`,
    `create index runs_by_time on runs (created_at, id)`,
    `create index runs_of_flow on runs (flow_id, created_at, id)`,
    `create index runs_of_status on runs (status, created_at, id)`,

    `create table run_samples (
      run_id ${sortedText} not null primary key references runs (id) on delete cascade,
      columns text not null,
      records text not null
    ) ${strict}`,
    `create table quarantine (
      run_id ${sortedText} not null references runs (id) on delete cascade,
      position ${integer} not null,
      record_key text,
      record text not null,
      code text not null,
      message text not null,
      search_text text not null,
      at ${integer} not null,
      primary key (run_id, position)
    ) ${strict}`,
    `create table ledger (
      run_id ${sortedText} not null references runs (id) on delete cascade,
      key_hash text not null,
      at ${integer} not null,
      settled ${integer} not null,
      outcome text,
      primary key (run_id, key_hash)
    ) ${strict}`,

    // SQLite's queue; on PostgreSQL the jobs are pg-boss's and this stays empty.
    `create table jobs (
      id text not null primary key,
      name text not null,
      payload text not null,
      job_key text,
      attempts ${integer} not null default 0,
      due_at ${integer} not null,
      lease_owner text,
      lease_expires_at ${integer}
    ) ${strict}`,
    `create unique index jobs_key on jobs (name, job_key) where job_key is not null`,
    `create index jobs_due on jobs (name, due_at)`,
  ]
}
