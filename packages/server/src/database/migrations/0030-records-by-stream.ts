import type { ColumnKinds } from './kinds.ts'

/** What is kept of the records of a run says of which stream they are. Empty: the only one of a run of before. */
export function recordsByStream({ sortedText, strict }: ColumnKinds): string[] {
  return [
    `alter table refused_records add column stream text not null default ''`,
    `create table stream_last_records (
      run_id ${sortedText} not null references run_keys (run_id) on delete cascade,
      stream ${sortedText} not null,
      columns text,
      records text,
      primary key (run_id, stream)
    ) ${strict}`,
    `insert into stream_last_records (run_id, stream, columns, records)
      select run_id, '', columns, records from last_records`,
    'drop table last_records',
    'alter table stream_last_records rename to last_records',
  ]
}
