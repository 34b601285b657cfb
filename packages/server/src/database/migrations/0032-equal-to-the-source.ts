import type { ColumnKinds } from './kinds.ts'

/**
 * Deletions are counted on their own; a run may move a part of what its flow reads; a flow says how often ids are
 * compared; and it is known what a stream's state was made with. Of the states of before nobody knows it: they were
 * erased whenever that changed.
 */
export function equalToTheSource({ integer }: ColumnKinds): string[] {
  return [
    `alter table runs add column records_deleted ${integer} not null default 0`,
    `alter table run_streams add column records_deleted ${integer} not null default 0`,
    'alter table runs add column scope text',
    `alter table flows add column compare text not null default 'weekly'`,
    'alter table flow_streams add column made_with text',
  ]
}
