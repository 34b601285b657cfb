import type { ColumnKinds } from './kinds.ts'

/**
 * What processes share of the requests that an organization may send to a group of endpoints. It is worth nothing after a
 * crash, so PostgreSQL writes no log of it.
 */
export function budget({ dialect, integer, sortedText, strict }: ColumnKinds): string[] {
  return [
    `create ${dialect === 'postgres' ? 'unlogged ' : ''}table shared_budgets (
      organization ${sortedText} not null,
      endpoint_group ${sortedText} not null,
      state text not null,
      touched_at ${integer} not null,
      primary key (organization, endpoint_group)
    ) ${strict}`,
  ]
}
