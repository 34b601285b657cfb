import type { ColumnKinds } from './kinds.ts'

/** What is known of master keys (never a key), and the rows that a rotation set aside. */
export function keys({ integer, strict }: ColumnKinds): string[] {
  return [
    `create table master_keys (
      id text not null primary key,
      source text not null,
      first_seen_at ${integer} not null,
      operations ${integer} not null default 0,
      retired_at ${integer}
    ) ${strict}`,
    `create table key_quarantine (
      table_name text not null,
      row_id text not null,
      code text not null,
      at ${integer} not null,
      primary key (table_name, row_id)
    ) ${strict}`,
  ]
}
