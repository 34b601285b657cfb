import type { ColumnKinds } from './kinds.ts'

/**
 * Each try to sign in is a row until its time is over, in place of a count for each window. Tries that were counted are
 * carried over, up to 200 a key: no limit counts further.
 */
export function slidingAttempts({ integer, sortedText, strict }: ColumnKinds): string[] {
  return [
    'drop index sign_in_attempts_end',
    'alter table sign_in_attempts rename to counted_attempts',
    `create table sign_in_attempts (
      id ${sortedText} not null primary key,
      key_hash ${sortedText} not null,
      ends_at ${integer} not null
    ) ${strict}`,
    `insert into sign_in_attempts
      with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 200)
      select key_hash || '.' || n, key_hash, ends_at from counted_attempts join numbers on n <= count`,
    'drop table counted_attempts',
    'create index sign_in_attempts_of_key on sign_in_attempts (key_hash, ends_at)',
    'create index sign_in_attempts_end on sign_in_attempts (ends_at)',
  ]
}
