/** Whether a text is a day of the calendar as ISO 8601 writes it: not `2026-02-30`, nor one of the year 0, which databases refuse. */
export function isCalendarDay(text: string): boolean {
  const ms = /^(?!0000)\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}
