import type { Column } from './flow.ts'
import { type OutsideTextRule, outsideLimits, outsideText } from './outside-text.ts'
import { wholeRecordLimit } from './quarantine.ts'
import type { DataRecord } from './record.ts'
import { maskSecrets } from './secret-forms.ts'

/** The limit of a stored record, in characters. Records that are moved are never cut. */
export interface RecordLimits {
  readonly value: number
  readonly record: number
}

/** For a look at the last records. */
export const shownLimits: RecordLimits = { value: 1_000, record: 8_000 }
/** For a look at records that were refused. */
export const refusedLimits: RecordLimits = { value: 30_000, record: 32_000 }

type Secrets = Pick<OutsideTextRule, 'secrets' | 'shown'>

const rest = '…'

/**
 * A record to be kept or looked at: its values are searched for secrets and cut, with "…" and the length behind what was
 * cut; nested values that are too long become their JSON. Where the record is too long, its last columns are left out.
 * Doing it twice changes no more.
 */
export function shownRecord(
  record: DataRecord,
  secrets: Secrets = {},
  limits: RecordLimits = shownLimits,
): DataRecord {
  const names = Object.keys(record)
  const shown: [string, unknown][] = []
  let left = limits.record
  for (const name of names) {
    const value = shownValue(record[name], { ...secrets, max: limits.value })
    const label = shownName(name, secrets)
    if (name !== rest) left -= label.length + (JSON.stringify(value)?.length ?? 0) + 4
    if (left < 0) {
      shown.push([rest, `${names.length - shown.length} more columns`])
      break
    }
    shown.push([label, value])
  }
  return Object.fromEntries(shown)
}

/**
 * A refused record as it is kept, as JSON: whole, to be written after all; or, where it is too long or holds a secret that
 * was sent to the destination, as much of it as may be looked at.
 */
export function retainedRecord(record: DataRecord, secrets: Secrets = {}): { json: string; whole: boolean } {
  const json = jsonOf(record)
  const isWhole =
    json.startsWith('{') &&
    json.length <= wholeRecordLimit &&
    maskSecrets(json, secrets.secrets ?? [], secrets.shown ?? []) === json
  if (isWhole) return { json, whole: true }
  return { json: JSON.stringify(shownRecord(record, secrets, refusedLimits)), whole: false }
}

/** A column's name stays as it is, since records are read by it; but no secret stays in it. */
function shownName(name: string, secrets: Secrets): string {
  const isAsItIs =
    name.length <= outsideLimits.columnName &&
    maskSecrets(name, secrets.secrets ?? [], secrets.shown ?? []) === name
  return isAsItIs ? name : outsideText(name, { ...secrets, max: outsideLimits.columnName })
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
  if (text.length <= rule.max) return outsideText(text, { ...rule, lines: true })
  const length = ` (${text.length} characters)`
  return `${outsideText(text, { ...rule, max: rule.max - length.length, lines: true })}${length}`
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
