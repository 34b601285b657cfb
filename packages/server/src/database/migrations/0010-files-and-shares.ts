import type { ColumnKinds } from './kinds.ts'

/** Whose each file is, which one a source reads, and what members have under way. */
export function filesAndShares({ integer, sortedText, strict }: ColumnKinds): string[] {
  return [
    `create table files (
      id ${sortedText} not null primary key,
      owner_id ${sortedText} not null,
      name ${sortedText} not null,
      folder ${sortedText} not null,
      stored_name ${sortedText} not null,
      bytes ${integer} not null,
      created_at ${integer} not null,
      unique (owner_id, name),
      unique (folder, stored_name)
    ) ${strict}`,
    `create table source_files (
      source_id ${sortedText} not null primary key references ends (id) on delete cascade,
      file_id ${sortedText} not null references files (id) on delete cascade
    ) ${strict}`,
    `create index sources_of_file on source_files (file_id)`,
    `alter table runs add column output_file_id text`,
    `create table member_uses (
      id ${sortedText} not null primary key,
      member_id ${sortedText} not null,
      kind ${sortedText} not null,
      begun_at ${integer} not null,
      ends_at ${integer} not null
    ) ${strict}`,
    `create index uses_of_member on member_uses (member_id, kind, begun_at)`,
    `create index uses_by_time on member_uses (begun_at)`,
  ]
}
