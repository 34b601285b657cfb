import { listTriggers } from './0006-credential-lists.ts'
import type { ColumnKinds } from './kinds.ts'

const triggers = ['added', 'viewed', 'searched', 'shared', 'unshared'].map((name) => `credentials_${name}`)

/** What rights that are asked for at use need to be written down. */
export function rights(kinds: ColumnKinds): string[] {
  const { integer } = kinds
  return [
    ...subjects(kinds),
    // A flow that may not go on, and why.
    `alter table flows add column paused_at ${integer}`,
    'alter table flows add column paused_code text',
    'alter table flows add column paused_message text',
    'alter table alerts add column flow_id text',
    // Whose undo it is; null: put aside before this was kept.
    'alter table previous_secrets add column replaced_by text',
  ]
}

/** Grants are given to subjects of several kinds. The table is made anew: SQLite changes no primary key of one. */
function subjects(kinds: ColumnKinds): string[] {
  const { dialect, integer, sortedText, strict } = kinds
  return [
    ...triggers.map((name) =>
      dialect === 'sqlite' ? `drop trigger ${name}` : `drop function ${name}() cascade`,
    ),
    `create table grants_to_subjects (
      resource_id ${sortedText} not null,
      subject_kind text not null,
      subject_id ${sortedText} not null,
      resource_kind text not null,
      role text not null check (role in ('collaborator', 'operator', 'admin')),
      granted_by text not null,
      granted_at ${integer} not null,
      primary key (resource_id, subject_kind, subject_id)
    ) ${strict}`,
    `insert into grants_to_subjects
      select resource_id, case when member_id = '*' then 'everyone' else 'member' end, member_id,
        resource_kind, role, granted_by, granted_at from resource_grants`,
    'drop table resource_grants',
    'alter table grants_to_subjects rename to resource_grants',
    'create index grants_of_subject on resource_grants (subject_id, resource_kind, resource_id)',
    ...listTriggers(kinds, 'subject_id'),
  ]
}
