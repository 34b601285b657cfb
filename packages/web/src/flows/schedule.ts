/** The schedules that the page offers: minutes between two runs, null for by hand only. */
export const schedules = [
  { minutes: null, label: 'By hand' },
  { minutes: 15, label: 'Every 15 minutes' },
  { minutes: 60, label: 'Every hour' },
  { minutes: 1440, label: 'Every day' },
] as const

/** A schedule in words; one that was set through the API may be none of those that the page offers. */
export function scheduleLabel(minutes: number | null): string {
  const known = schedules.find((schedule) => schedule.minutes === minutes)
  if (known !== undefined) return known.label
  if (minutes === null) return 'By hand'
  if (minutes % 1440 === 0) return `Every ${minutes / 1440} days`
  return minutes % 60 === 0 ? `Every ${minutes / 60} hours` : `Every ${minutes} minutes`
}
