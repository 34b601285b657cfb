import type { ColumnKinds } from './kinds.ts'

/**
 * Which refused records are kept whole, and the run that writes them again; and the alerts that a member does not want.
 * What earlier versions kept may have been cut, and nothing tells: it can be looked at, but not replayed.
 */
export function quarantineAndAlerts({ integer, sortedText, strict }: ColumnKinds): string[] {
  return [
    `alter table refused_records add column whole ${integer} not null default 0`,
    'alter table refused_records add column replay_run_id text',
    'alter table runs add column replay_of text',
    `create table alert_mutes (
      member_id ${sortedText} not null,
      kind ${sortedText} not null,
      primary key (member_id, kind)
    ) ${strict}`,
  ]
}
