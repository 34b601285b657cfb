import type { ColumnKinds } from './kinds.ts'

/** Programs that wait for a person to confirm their sign-in. Codes are kept as hashes only. */
export function devices({ integer, sortedText, strict }: ColumnKinds): string[] {
  return [
    `create table device_sign_ins (
      device_hash ${sortedText} not null primary key,
      user_hash ${sortedText} not null unique,
      device_name text not null,
      address text not null,
      user_id text,
      decision text not null,
      interval_seconds ${integer} not null,
      last_polled_at ${integer},
      created_at ${integer} not null,
      expires_at ${integer} not null
    ) ${strict}`,
    `create index device_sign_ins_expiry on device_sign_ins (expires_at)`,
  ]
}
