import type { ColumnKinds } from './kinds.ts'

/**
 * How often a refresh token was sent without a known answer, what began an authorization (asked again at its callback),
 * and who asked for one from a terminal.
 */
export function authorizations({ integer }: ColumnKinds): string[] {
  return [
    `alter table credentials add column intent_requests ${integer} not null default 0`,
    'update credentials set intent_requests = 1 where intent_generation is not null',
    // What is under way was begun before this was noted, and is begun again.
    'delete from authorizations',
    'alter table authorizations add column begun_by text',
    'alter table authorizations add column owner_id text',
    'alter table credentials add column asked_by text',
    `alter table credentials add column asked_at ${integer}`,
  ]
}
