import type { FlowListQuery, FlowStanding } from '@latchwork/contract'
import { type RawBuilder, sql } from 'kysely'
import { pausedByHand } from './pauses.ts'

/*
 * How a flow stands, worked out by the database from what it has: for the order of the home, and for the reason that it
 * shows. Each look at the runs of a flow is one step in the index of them.
 */

const endings = sql`('succeeded', 'partial', 'failed')`

/**
 * The last full run of a flow that came to an end: a cancelled one and a backfill say nothing. A run of some streams does,
 * since it may be what helps.
 */
const lastEnded = (selected: RawBuilder<unknown>) => sql`(
  select ${selected} from runs as ended
  where ended.flow_id = flows.id and ended.replay_of is null and ended.status in ${endings}
    and (ended.scope is null or ended.scope like '%"range":null%')
  order by ended.created_at desc, ended.id desc limit 1)`

export const lastEndedId = sql<string | null>`${lastEnded(sql`ended.id`)}`

const isLate = sql`exists (select 1 from alert_conditions where name = 'flow-late:' || flows.id)`

/** Since when it is late; null: it is not. */
export const lateSince = sql<
  number | null
>`(select since from alert_conditions where name = 'flow-late:' || flows.id)`

/** One of `attentionKinds`; null: nobody is needed. Who has paused a flow by hand knows of it. */
export const attention = sql<string | null>`case
  when flows.paused_code = ${pausedByHand} then null
  when flows.paused_code is not null then 'paused'
  else coalesce(
    ${lastEnded(sql`case
      when ended.status = 'failed' then 'failed'
      when ended.status = 'partial' and (ended.error_code is not null
        or ended.notices like '%"code":"deletions_held"%'
        or exists (select 1 from refused_records where refused_records.run_id = ended.id)) then 'partial'
    end`)},
    case when ${isLate} then 'late' end)
  end`

/** The condition of a list's filters; null for none. */
export function standsAs({
  attention: asked,
  standing,
}: Pick<FlowListQuery, 'attention' | 'standing'>): RawBuilder<boolean> | null {
  const conditions = [
    ...(asked === undefined ? [] : [sql`${attention} is ${asked === 'none' ? sql`` : sql`not`} null`]),
    ...(standing === undefined ? [] : [conditionOf(standing)]),
  ]
  return conditions.length === 0 ? null : sql<boolean>`(${sql.join(conditions, sql` and `)})`
}

function conditionOf(standing: FlowStanding): RawBuilder<unknown> {
  switch (standing) {
    case 'running':
      return sql`exists (select 1 from runs where runs.flow_id = flows.id and runs.status in ('queued', 'running'))`
    case 'paused_by_hand':
      return sql`flows.paused_code = ${pausedByHand}`
    case 'never_run':
      return sql`not exists (select 1 from runs where runs.flow_id = flows.id)`
    default:
      return sql`${attention} = ${standing}`
  }
}
