/* A day as a person says it in a form: `2026-01-31`, or `30 days ago`, which is counted from when it is asked for. */

const dayMs = 86_400_000
const longestAgo = 3650

/** How many days before today; null for any other text. */
export function daysAgo(value: string): number | null {
  const days = Number(/^(\d{1,4}) days? ago$/.exec(value)?.[1] ?? Number.NaN)
  return days <= longestAgo ? days : null
}

/** What a form holds for so many days before today. */
export function daysAgoWords(days: number): string {
  return days === 1 ? '1 day ago' : `${days} days ago`
}

/** The day in UTC as `2026-01-31`. @param nowMs milliseconds since 1970 */
export function dayAt(value: string, nowMs: number): string {
  const days = daysAgo(value)
  return days === null ? value : new Date(nowMs - days * dayMs).toISOString().slice(0, 10)
}

/** Whether the first is later than the second, as far as that is known before it is asked for. */
export function isLaterDay(first: string, second: string): boolean {
  const [ago, other] = [daysAgo(first), daysAgo(second)]
  if (ago !== null && other !== null) return ago < other
  return ago === null && other === null && first > second
}

export function isDay(value: string): boolean {
  if (daysAgo(value) !== null) return true
  const atMs = /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(value)
}
