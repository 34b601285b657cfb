import type { ColumnKinds } from './kinds.ts'

/**
 * Which refused records are kept whole, and the run that writes them again. What earlier versions kept may have been cut,
 * and nothing tells: it can be looked at, but not replayed.
 */
export function wholeQuarantine({ integer }: ColumnKinds): string[] {
  return [
    `alter table refused_records add column whole ${integer} not null default 0`,
    'alter table refused_records add column replay_run_id text',
    'alter table runs add column replay_of text',
  ]
}
