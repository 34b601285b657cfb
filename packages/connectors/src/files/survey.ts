import { type Column, isNumeric, LatchworkError, outsideLimits } from '@latchwork/contract'
import type { FileRecord } from './file-record.ts'

type ColumnType = Column['type']

/** The findings about a file: its columns in order of appearance, whether `id` tells records apart, their number. */
export interface Survey {
  readonly columns: Column[]
  readonly key: string | null
  readonly count: number
  /** The first records that are refused, as sentences. */
  readonly faults: readonly string[]
  readonly ids: IdSurvey
}

const faultsShown = 3

/** So many ids are remembered to find those that come again. */
const idsRemembered = 500_000

/** Looks whether records have the ids of others. */
export class IdSurvey {
  readonly #seen = new Set<string>()
  /** How many records have the id of one before them. */
  twins = 0
  #first = ''

  take(id: unknown): void {
    const text = String(id)
    if (this.#seen.has(text)) {
      if (this.twins === 0) this.#first = text
      this.twins += 1
    } else if (this.#seen.size < idsRemembered) this.#seen.add(text)
  }

  get notes(): string[] {
    if (this.twins === 0) return []
    const records =
      this.twins === 1
        ? '1 record has the same id as a record'
        : `${this.twins} records have the same ids as records`
    return [
      `${records} before ${this.twins === 1 ? 'it' : 'them'} (the first is “${this.#first.slice(0, 40)}”). A table has one row for each id, from the last of them.`,
    ]
  }
}

/** Keeps the first sentences about what is refused. */
export function noteFault(faults: string[], fault: string): void {
  if (faults.length < faultsShown) faults.push(`${fault} It will be refused; the others are read.`)
}

/**
 * Looks at records and says which columns they have. A column that holds values of several types is `json` if one is
 * nested and `text` otherwise; text stays text, since no guess about dates can be sure.
 * @throws LatchworkError `file_invalid` for too many columns, or too long names
 */
export async function surveyRecords(
  records: AsyncIterable<Pick<FileRecord, 'record' | 'fault'>>,
  limit: number,
): Promise<Survey> {
  const types = new Map<string, ColumnType | null>()
  const faults: string[] = []
  const ids = new IdSurvey()
  let count = 0
  let good = 0
  let withId = 0
  for await (const { record, fault } of records) {
    count += 1
    if (fault !== null) noteFault(faults, fault)
    else good += 1
    for (const [name, value] of Object.entries(record)) {
      if (!types.has(name)) refuseColumn(name, types.size)
      types.set(name, widen(types.get(name) ?? null, typeOf(value)))
    }
    if (fault === null && isKey(record['id'])) {
      withId += 1
      ids.take(record['id'])
    }
    if (count >= limit) break
  }
  const columns = [...types].map(([name, type]): Column => ({ name, label: name, type: type ?? 'text' }))
  return { columns, key: good > 0 && withId === good ? 'id' : null, count, faults, ids }
}

/** @throws LatchworkError `file_invalid` */
export function refuseColumn(name: string, before: number): void {
  const fault =
    before >= outsideLimits.columns
      ? `has more than ${outsideLimits.columns} columns.`
      : name.length > outsideLimits.columnName
        ? `has a column whose name is longer than ${outsideLimits.columnName} characters: ${name.slice(0, 40)}…`
        : null
  if (fault !== null) throw new LatchworkError('file_invalid', { message: `The file ${fault}` })
}

export function isKey(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || isNumeric(value)
}

function typeOf(value: unknown): ColumnType | null {
  if (value === null || value === undefined) return null
  if (isNumeric(value)) return 'number'
  if (typeof value === 'boolean') return 'boolean'
  return typeof value === 'object' ? 'json' : 'text'
}

function widen(known: ColumnType | null, seen: ColumnType | null): ColumnType | null {
  if (known === null || known === seen) return seen ?? known
  if (seen === null) return known
  return known === 'json' || seen === 'json' ? 'json' : 'text'
}
