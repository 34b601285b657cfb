import type { ColumnKinds } from './kinds.ts'

/**
 * A flow chooses streams; null: those that its source's form names, which is what all flows of before go on with. A run
 * holds what it moves, as it was chosen when it began, and why a stream of it stopped.
 */
export function chosenStreams({ integer }: ColumnKinds): string[] {
  return [
    'alter table flows add column streams text',
    'alter table run_streams add column chosen text',
    `alter table run_streams add column position ${integer} not null default 0`,
    'alter table run_streams add column error_code text',
    'alter table run_streams add column error_message text',
  ]
}
