import type { ColumnKinds } from './kinds.ts'

/**
 * Whom a run reads and writes as, from its first secret to its end: nothing for one that is under way already. And which
 * file a destination names by its id, beside those that sources read; and why what a terminal asked for was refused.
 */
export function heldInUse({ dialect }: ColumnKinds): string[] {
  const file = dialect === 'sqlite' ? "json_extract(ends.config, '$.file')" : "(ends.config::json ->> 'file')"
  return [
    'alter table runs add column source_account text',
    'alter table runs add column destination_account text',
    'alter table credentials add column asked_refusal text',
    'alter table source_files rename to end_files',
    'alter table end_files rename column source_id to end_id',
    `insert into end_files (end_id, file_id) select ends.id, files.id from ends join files on files.id = ${file}
      where ends.kind = 'destination' and ends.connector = 'files'`,
  ]
}
