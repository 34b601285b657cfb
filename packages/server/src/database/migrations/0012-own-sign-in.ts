import type { ColumnKinds } from './kinds.ts'

/**
 * People look after their own sign-in. What is known of a session stands beside its sealed value, so that sessions are
 * listed and ended without their tokens; those of before are taken in at their next use.
 */
export function ownSignIn({ integer, sortedText, strict }: ColumnKinds): string[] {
  return [
    `alter table sessions add column id text`,
    `alter table sessions add column user_id text`,
    `alter table sessions add column client text`,
    `alter table sessions add column address text`,
    `alter table sessions add column method text`,
    `alter table sessions add column created_at ${integer}`,
    `alter table sessions add column last_used_at ${integer}`,
    `alter table sessions add column ended_at ${integer}`,
    `create unique index sessions_id on sessions (id) where id is not null`,
    `create index sessions_user on sessions (user_id) where user_id is not null`,

    `alter table api_tokens add column terminal text`,
    `alter table api_tokens add column address text`,
    `update api_tokens set terminal = substr(name, 17) where name like 'Command line on %'`,

    `create table passkeys (
      id text not null primary key,
      user_id text not null references "user" ("id") on delete cascade,
      name text not null,
      credential_id ${sortedText} not null unique,
      public_key text not null,
      counter ${integer} not null,
      synced ${integer} not null,
      created_at ${integer} not null,
      last_used_at ${integer}
    ) ${strict}`,
    `create index passkeys_user on passkeys (user_id, created_at)`,
    `create table passkey_challenges (
      challenge_hash text not null primary key,
      bound_to text not null,
      expires_at ${integer} not null
    ) ${strict}`,
    `create index passkey_challenges_expiry on passkey_challenges (expires_at)`,
    `create table password_resets (
      user_id text not null primary key references "user" ("id") on delete cascade,
      token_hash text not null unique,
      made_by text,
      expires_at ${integer} not null
    ) ${strict}`,
  ]
}
