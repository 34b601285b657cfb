/**
 * Whom a run reads and writes as, from its first secret to its end: nothing for one that is under way already. And which
 * file a destination names by its id, beside those that sources read; and why what a terminal asked for was refused.
 */
export function heldInUse(): string[] {
  return [
    'alter table runs add column source_account text',
    'alter table runs add column destination_account text',
    'alter table credentials add column asked_refusal text',
    'alter table source_files rename to end_files',
    'alter table end_files rename column source_id to end_id',
    // As text: PostgreSQL refuses JSON in which any string has a NUL or half a character. A quote in a value is escaped.
    `insert into end_files (end_id, file_id) select ends.id, files.id from ends
      join files on ends.config like '%"file":"' || files.id || '"%'
      where ends.kind = 'destination' and ends.connector = 'files'`,
  ]
}
