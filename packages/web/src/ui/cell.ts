import { type Column, ExactNumber } from '@latchwork/contract'

const longestText = 500

/** A record's value as one line of text; empty for null and for what isn't there. */
export function cellText(value: unknown, type: Column['type']): string {
  if (value === null || value === undefined) return ''
  if (type === 'time' && typeof value === 'string') return timeText(value)
  const isPlain = typeof value === 'string' || value instanceof ExactNumber
  const text = isPlain ? String(value) : JSON.stringify(value)
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text
}

/** A time in UTC, to the second; as it came where it isn't a time. */
function timeText(value: string): string {
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? value : new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}
