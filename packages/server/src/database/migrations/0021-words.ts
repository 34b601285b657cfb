/** Tables and columns take the words of the glossary: a source or destination is a side, a small value is metadata. */
export function words(): string[] {
  return [
    'alter table ends rename to sides',
    'alter table end_files rename to side_files',
    'alter table side_files rename column end_id to side_id',
    'alter table facts rename to metadata',
    'alter table credential_health rename to credential_checks',
    'alter table health_days rename to check_days',
    'alter table ledger rename column settled to resolved',
  ]
}
