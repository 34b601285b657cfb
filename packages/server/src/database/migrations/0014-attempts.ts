import type { ColumnKinds } from './kinds.ts'

/** Tries to sign in, counted for all processes together. Whose they are is kept as a hash only. */
export function attempts({ integer, sortedText, strict }: ColumnKinds): string[] {
  return [
    `create table sign_in_attempts (
      key_hash ${sortedText} not null primary key,
      count ${integer} not null,
      ends_at ${integer} not null
    ) ${strict}`,
    `create index sign_in_attempts_end on sign_in_attempts (ends_at)`,
  ]
}
