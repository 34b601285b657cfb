import type { ColumnKinds } from './kinds.ts'

/** When the streams of runs began and ended, what happens to a run in between, and what is told of a flow. */
export function watchedRuns({ integer, sortedText, strict }: ColumnKinds): string[] {
  return [
    `alter table run_streams add column begun_at ${integer}`,
    `alter table run_streams add column ended_at ${integer}`,
    `alter table runs add column prepared_at ${integer}`,
    `create table run_events (
      run_id ${sortedText} not null references runs (id) on delete cascade,
      at ${integer} not null,
      position ${integer} not null,
      stage text not null,
      message text not null
    ) ${strict}`,
    'create index run_events_of_run on run_events (run_id, at, position)',
    'alter table flows add column watch text',
    `alter table flows add column read_at ${integer}`,
    // Filters of the list of runs.
    'create index runs_of_flow_by_status on runs (flow_id, status, created_at, id)',
    'create index runs_by_people on runs (created_at, id) where started_by is not null',
    'create index runs_of_flow_by_people on runs (flow_id, created_at, id) where started_by is not null',
  ]
}
