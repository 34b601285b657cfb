import type { ColumnKinds } from './kinds.ts'

/** Writes of passes that wait for a person, and how a call came. */
export function passWrites({ integer, sortedText, strict }: ColumnKinds): string[] {
  return [
    `alter table passes add column confirm_writes ${integer} not null default 0`,
    'alter table pass_calls add column via text',
    `create table pass_writes (
      id ${sortedText} primary key,
      pass_id ${sortedText} not null references passes (id) on delete cascade,
      state ${sortedText} not null,
      method text not null,
      path text not null,
      sealed text not null,
      answer text not null default '',
      status ${integer},
      decided_by ${sortedText},
      decided_at ${integer},
      created_at ${integer} not null,
      expires_at ${integer} not null
    ) ${strict}`,
    'create index pass_writes_of_pass on pass_writes (pass_id, created_at, id)',
    'create index pass_writes_by_state on pass_writes (state, expires_at)',
  ]
}
