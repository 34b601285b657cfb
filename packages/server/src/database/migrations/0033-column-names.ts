import type { ColumnKinds } from './kinds.ts'

/**
 * A flow names the columns of its destination as people do, and remembers what each is called. Flows of before go on with
 * the names of their sources.
 */
export function columnNames({ sortedText, strict }: ColumnKinds): string[] {
  return [
    `alter table flows add column column_names text not null default 'source'`,
    `create table flow_columns (
      flow_id ${sortedText} not null references flows (id) on delete cascade,
      stream ${sortedText} not null,
      columns text not null,
      primary key (flow_id, stream)
    ) ${strict}`,
  ]
}
