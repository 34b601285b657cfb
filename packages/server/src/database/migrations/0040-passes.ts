import type { ColumnKinds } from './kinds.ts'

/** Passes for the gateway, their calls, and how many calls there were. */
export function passes({ integer, sortedText, strict }: ColumnKinds): string[] {
  return [
    `create table passes (
      id ${sortedText} primary key,
      owner_id ${sortedText} not null,
      credential_id ${sortedText} not null references credentials (id) on delete cascade,
      name text not null,
      name_key ${sortedText} not null,
      search_name text not null,
      description text not null,
      search_description text not null,
      rules text not null,
      limits text not null,
      expires_at ${integer},
      never_because text,
      token_hash ${sortedText} not null unique,
      suffix text not null,
      old_token_hash ${sortedText} unique,
      old_token_until ${integer},
      revoked_at ${integer},
      created_at ${integer} not null,
      updated_at ${integer} not null,
      last_used_at ${integer}
    ) ${strict}`,
    'create unique index passes_of_owner_by_name on passes (owner_id, name_key)',
    'create index passes_by_name on passes (name_key, id)',
    'create index passes_of_credential on passes (credential_id)',
    `create table pass_calls (
      id ${sortedText} primary key,
      pass_id ${sortedText} not null references passes (id) on delete cascade,
      at ${integer} not null,
      method text not null,
      path text not null,
      query text not null,
      status ${integer},
      bytes_in ${integer} not null,
      bytes_out ${integer} not null,
      ms ${integer} not null,
      code text,
      rule text,
      decision ${sortedText} not null,
      address text not null
    ) ${strict}`,
    'create index pass_calls_of_pass on pass_calls (pass_id, at, id)',
    'create index pass_calls_by_time on pass_calls (at)',
    `create table pass_hours (
      pass_id ${sortedText} not null references passes (id) on delete cascade,
      at ${integer} not null,
      calls ${integer} not null,
      denied ${integer} not null,
      failed ${integer} not null,
      primary key (pass_id, at)
    ) ${strict}`,
    `create table pass_windows (
      pass_id ${sortedText} not null references passes (id) on delete cascade,
      length_ms ${integer} not null,
      began_at ${integer} not null,
      taken ${integer} not null,
      primary key (pass_id, length_ms)
    ) ${strict}`,
    'create index pass_hours_by_denials on pass_hours (at, denied)',
    'alter table alerts add column pass_id text',
  ]
}
