import type { Column, DataRecord } from './flow.ts'
import { type OutsideTextRule, outsideLimits, outsideText } from './outside-text.ts'

/** How much of records is kept and sent to be looked at, in characters. What is moved is never cut. */
export const shownLimits = {
  value: 1_000,
  record: 8_000,
} as const

type Secrets = Pick<OutsideTextRule, 'secrets' | 'shown'>

/**
 * A record to be looked at: its values are searched for secrets and cut, with "…" and the length behind what was cut;
 * nested values that are too long become their JSON. Where the record is too long, its last columns are left out.
 * @param limit of the whole record, in characters
 */
export function shownRecord(
  record: DataRecord,
  secrets: Secrets = {},
  limit: number = shownLimits.record,
): DataRecord {
  const names = Object.keys(record)
  const shown: [string, unknown][] = []
  let left = limit
  for (const name of names) {
    const value = shownValue(record[name], { ...secrets, max: Math.min(shownLimits.value, limit) })
    const label = outsideText(name, { ...secrets, max: outsideLimits.columnName })
    left -= label.length + (JSON.stringify(value)?.length ?? 0) + 4
    if (left < 0) {
      shown.push(['…', `${names.length - shown.length} more columns`])
      break
    }
    shown.push([label, value])
  }
  return Object.fromEntries(shown)
}

function shownValue(value: unknown, rule: OutsideTextRule): unknown {
  if (typeof value === 'string') return shownText(value, rule)
  if (typeof value !== 'object' || value === null) return value
  const json = jsonOf(value)
  const text = shownText(json, rule)
  if (text === json) return value
  if (json.length > rule.max) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function shownText(text: string, rule: OutsideTextRule): string {
  const shown = outsideText(text, { ...rule, lines: true })
  return text.length > rule.max ? `${shown} (${text.length} characters)` : shown
}

function jsonOf(value: object): string {
  try {
    return JSON.stringify(value)
  } catch {
    return '…' // nested too deep to be written
  }
}

/** Columns as they are shown and stored. Their names stay as they are, since records are read by them. */
export function shownColumns(columns: readonly Column[], secrets: Secrets = {}): Column[] {
  return columns.map((column) => ({
    ...column,
    label: outsideText(column.label, { ...secrets, max: outsideLimits.name }),
  }))
}
