import type { ColumnKinds } from './kinds.ts'

/**
 * A run that wrote a part of what it read is partial, and one that wrote none of it has failed, also where it was called a
 * success before. A run has a number for each time that it was taken up, and may be tried again by itself.
 */
export function partialRuns({ integer }: ColumnKinds): string[] {
  return [
    // SQLite can't change what a column may hold: another one takes its place.
    'drop index runs_active',
    'drop index runs_of_status',
    `alter table runs add column state text not null default 'queued'
      check (state in ('queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled'))`,
    `update runs set state = case when status <> 'succeeded' or records_written >= records_read then status
      when records_written > 0 then 'partial' else 'failed' end`,
    `update runs set error_code = 'nothing_written',
      error_message = 'The destination refused every record that was read: nothing was written.'
      where state = 'failed' and status = 'succeeded'`,
    'alter table runs drop column status',
    'alter table runs rename column state to status',
    `create unique index runs_active on runs (flow_id) where status in ('queued', 'running')`,
    'create index runs_of_status on runs (status, created_at, id)',
    `alter table runs add column attempt ${integer} not null default 0`,
    `alter table runs add column retries ${integer} not null default 0`,
    `alter table runs add column retry_at ${integer}`,
    'create index runs_to_retry on runs (retry_at) where retry_at is not null',
  ]
}
