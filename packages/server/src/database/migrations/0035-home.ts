import { type Kysely, sql } from 'kysely'
import { naturalName } from '../folding.ts'
import type { ColumnKinds } from './kinds.ts'

/** Flows are listed as people count, and know how fresh their destinations are. */
export function home({ integer, sortedText }: ColumnKinds): string[] {
  return [
    `alter table flows add column sort_key ${sortedText} not null default ''`,
    `alter table flows add column fresh_at ${integer} not null default 0`,
    // As in `finish`: a part that was refused is no reason to call the rest old, a stream that failed is.
    `update flows set fresh_at = coalesce((select max(coalesce(started_at, created_at)) from runs
      where runs.flow_id = flows.id and replay_of is null
      and (status = 'succeeded' or (status = 'partial' and error_code is null))), 0)`,
    'drop index flows_by_name',
    'create index flows_by_sort_key on flows (sort_key, id)',
    'create index flows_by_freshness on flows (fresh_at, id)',
  ]
}

/** The keys of the flows that are there. */
export async function sortFlows(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ id: string; name: string }>`select id, name from flows`.execute(db)
  for (const { id, name } of rows)
    await sql`update flows set sort_key = ${naturalName(name)} where id = ${id}`.execute(db)
}
