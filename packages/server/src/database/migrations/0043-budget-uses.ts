import type { ColumnKinds } from './kinds.ts'

/** Who used the budget of an organization of Close, by the minute and by the hour. */
export function budgetUses({ integer, sortedText, strict }: ColumnKinds): string[] {
  return [
    `create table budget_uses (
      organization ${sortedText} not null,
      budget_key ${sortedText} not null,
      span_ms ${integer} not null,
      at ${integer} not null,
      endpoint_group ${sortedText} not null,
      consumer ${sortedText} not null,
      requests ${integer} not null,
      waited ${integer} not null,
      put_off ${integer} not null,
      least_limit ${integer} not null,
      most_limit ${integer} not null,
      window_ms ${integer} not null,
      primary key (organization, budget_key, span_ms, at, endpoint_group, consumer)
    ) ${strict}`,
    'create index budget_uses_by_age on budget_uses (span_ms, at)',
  ]
}
