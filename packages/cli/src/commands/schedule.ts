import { cronAt, type Schedule, scheduleSchema } from '@latchwork/contract'
import { z } from 'zod'
import { CommandError } from '../exit-codes.ts'

export const scheduleOptions = z.object({
  weekdays: z.boolean().default(false),
  timeZone: z.string().optional(),
  again: z.boolean().default(false),
})

/**
 * A schedule as it is typed: minutes, a time of day, a cron, or "manual".
 * @throws {CommandError} `usage`
 */
export function readSchedule(
  when: string,
  { weekdays, timeZone }: Omit<z.infer<typeof scheduleOptions>, 'again'>,
): Schedule | null {
  const isTime = /^([01]?\d|2[0-3]):[0-5]\d$/.test(when)
  const isCron = when.trim().includes(' ')
  if (weekdays && !isTime) throw new CommandError('usage', '--weekdays needs a time, as 06:30.')
  if (timeZone !== undefined && !isTime && !isCron) {
    throw new CommandError('usage', '--time-zone needs a time, as 06:30, or a cron expression.')
  }
  if (when === 'manual') return null
  const zone = timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  const cron = isTime ? cronAt({ days: weekdays ? 'weekdays' : 'daily', at: when }) : when
  const read = scheduleSchema.safeParse(
    isTime || isCron ? { kind: 'cron', cron, timeZone: zone } : { kind: 'every', minutes: minutesOf(when) },
  )
  if (read.success) return read.data
  const issue = read.error.issues[0]
  const names: Record<string, string> = { timeZone: 'The time zone', cron: 'A cron expression' }
  const name = names[String(issue?.path[0])] ?? 'A schedule of minutes'
  throw new CommandError('usage', `${name} ${sentenceOf(issue)}.`)
}

function minutesOf(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new CommandError(
    'usage',
    `A schedule is a number of minutes, a time, a cron expression in quotes, or "manual", not ${JSON.stringify(text)}.`,
  )
}

function sentenceOf(issue: z.core.$ZodIssue | undefined): string {
  return issue?.code === 'custom' ? issue.message : 'is a number from 5 to 44640'
}
