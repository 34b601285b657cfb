import type { ColumnKinds } from './kinds.ts'

/**
 * What is kept of a run, sealed under a key of the run's own. Erasing the key erases all of it. What stands in plain text
 * in `run_samples` and `quarantine` is sealed while the server runs: a migration has no key.
 */
export function sealedRecords({ integer, sortedText, strict }: ColumnKinds): string[] {
  return [
    `create table run_keys (
      run_id ${sortedText} not null primary key references runs (id) on delete cascade,
      sealed text not null
    ) ${strict}`,
    `create table last_records (
      run_id ${sortedText} not null primary key references run_keys (run_id) on delete cascade,
      columns text,
      records text
    ) ${strict}`,
    `create table refused_records (
      run_id ${sortedText} not null references run_keys (run_id) on delete cascade,
      position ${integer} not null,
      reason text not null,
      record text not null,
      at ${integer} not null,
      primary key (run_id, position)
    ) ${strict}`,

    // Runs that have nothing left to erase are not looked at again.
    `alter table runs add column has_records ${integer} not null default 0`,
    `create index runs_with_records on runs (finished_at) where has_records = 1`,
    `drop index runs_by_end`,
  ]
}
