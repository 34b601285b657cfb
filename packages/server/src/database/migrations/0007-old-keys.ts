import type { ColumnKinds } from './kinds.ts'

/** What a person needs to find the old key: since when it was in use, and when it last was. */
export function oldKeys({ integer }: ColumnKinds): string[] {
  return [
    // 0: with the credential
    `alter table credentials add column secret_since ${integer} not null default 0`,
    `alter table previous_secrets add column used_since ${integer}`,
    `alter table previous_secrets add column last_used_at ${integer}`,
  ]
}
