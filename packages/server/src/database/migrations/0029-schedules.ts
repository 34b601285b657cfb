import type { ColumnKinds } from './kinds.ts'

/** A schedule is more than a number of minutes, and it is known when its next time was worked out. */
export function schedules({ integer }: ColumnKinds): string[] {
  return [
    'alter table flows add column schedule text',
    `alter table flows add column scheduled_at ${integer}`,
    `update flows set schedule = '{"kind":"every","minutes":' || schedule_minutes || '}', scheduled_at = updated_at
      where schedule_minutes is not null`,
    'alter table flows drop column schedule_minutes',
  ]
}
