import type { ColumnKinds } from './kinds.ts'

/**
 * What a flow has created is remembered with the flow, from the run that begins a round to the one that completes it. What
 * earlier versions remembered with runs goes on where the last run of a flow did not complete; it is round 0.
 */
export function ledgerOfFlows({ integer, sortedText, strict }: ColumnKinds): string[] {
  return [
    `alter table flows add column round ${integer} not null default 0`,
    `alter table runs add column round ${integer} not null default 0`,
    `alter table runs add column records_created ${integer} not null default 0`,
    `alter table runs add column notices text not null default '[]'`,
    'alter table ledger rename to ledger_of_runs',
    `create table ledger (
      flow_id ${sortedText} not null references flows (id) on delete cascade,
      round ${integer} not null,
      key_hash text not null,
      twin ${integer} not null,
      run_id ${sortedText} not null,
      position ${integer},
      sent_at ${integer},
      resolved ${integer} not null,
      outcome text,
      primary key (flow_id, round, key_hash, twin)
    ) ${strict}`,
    `insert into ledger select runs.flow_id, 0, key_hash, 0, runs.id, null, at, resolved, outcome
      from ledger_of_runs join runs on runs.id = ledger_of_runs.run_id
      where runs.status in ('queued', 'running', 'failed', 'cancelled') and not exists (
        select 1 from runs later where later.flow_id = runs.flow_id
          and (later.created_at, later.id) > (runs.created_at, runs.id))`,
    'drop table ledger_of_runs',
    'create index ledger_by_outcome on ledger (flow_id, outcome) where outcome is not null',
  ]
}
