import type { ColumnKinds } from './kinds.ts'

/**
 * A run moves streams, each with a checkpoint of its own, and a flow remembers where each of them stands. A run that is
 * under way, or will be tried again, has one stream without a name, which takes that of the first that the flow reads.
 */
export function streams({ integer, sortedText, strict }: ColumnKinds): string[] {
  const counts = ['records_read', 'records_written', 'records_refused', 'records_created', 'pages']
  return [
    `create table run_streams (
      run_id ${sortedText} not null references runs (id) on delete cascade,
      stream ${sortedText} not null,
      ${counts.map((name) => `${name} ${integer} not null`).join(', ')},
      notices text not null,
      records_expected ${integer},
      checkpoint text,
      status text,
      output_file text,
      output_bytes ${integer},
      primary key (run_id, stream)
    ) ${strict}`,
    `create table flow_streams (
      flow_id ${sortedText} not null references flows (id) on delete cascade,
      stream ${sortedText} not null,
      state text not null,
      primary key (flow_id, stream)
    ) ${strict}`,
    `insert into run_streams (run_id, stream, ${counts.join(', ')}, notices, records_expected, checkpoint)
      select id, '', ${counts.join(', ')}, notices, records_expected, checkpoint from runs
      where status in ('queued', 'running') or retry_at is not null`,
    'alter table runs drop column checkpoint',
  ]
}
