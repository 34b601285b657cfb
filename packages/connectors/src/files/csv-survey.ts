import { counted } from '@latchwork/contract'
import type { Config } from '../interface.ts'
import type { CsvHeader } from './csv-header.ts'
import { type Cell, type CsvRow, readRows } from './csv-rows.ts'
import type { CsvShape } from './csv-shape.ts'
import { type OpenFile, rowName } from './file-record.ts'
import { isEscaped, isFormula, unescapeFormula } from './formula-text.ts'
import { PeopleColumns, type StyleChoice } from './people-columns.ts'
import { IdSurvey, isKey, noteFault } from './survey.ts'

/** What stands in the rows of a CSV file. */
export interface CsvSurvey {
  readonly numbers: PeopleColumns
  readonly dates: PeopleColumns
  /** Columns that have a value somewhere. */
  readonly filled: ReadonlySet<number>
  /** The first rows that are refused, as sentences. */
  readonly faults: readonly string[]
  /** Whether there is text with an apostrophe before what would be a formula, and whether there is such text without. */
  readonly escaped: boolean
  readonly formulas: boolean
  /** How many records there are, refused ones among them. */
  readonly count: number
  /** Whether most of them have more values than one. */
  readonly isWide: boolean
  readonly ids: IdSurvey
  /** Whether every record that is not refused has a value in this column. */
  isFilled(column: number): boolean
}

/** Looks at up to `limit` rows. */
export async function surveyRows(
  file: OpenFile,
  shape: CsvShape,
  header: CsvHeader,
  config: Config,
  limit: number,
): Promise<CsvSurvey> {
  const { names } = header
  const numbers = new PeopleColumns('number', styleChoice(config['numbers']), names.length)
  const dates = new PeopleColumns('date', styleChoice(config['dates']), names.length)
  const filled = new Set<number>()
  const keys = names.map(() => 0)
  const faults: string[] = []
  const ids = new IdSurvey()
  const idAt = names.indexOf('id')
  let escaped = names.some(isEscaped)
  let formulas = names.some(isFormula)
  let count = 0
  let good = 0
  let wide = 0
  for await (const row of readRows(file, shape, header.next)) {
    if (count >= limit) break
    if (isBlank(row, names)) continue
    count += 1
    if (row.cells.filter((cell) => cell !== null).length > 1) wide += 1
    const fault = faultOf(row, names)
    if (fault !== null) {
      noteFault(faults, fault)
      continue
    }
    good += 1
    row.cells.forEach((cell, at) => {
      if (cell === null) return
      filled.add(at)
      escaped ||= isEscaped(cell)
      formulas ||= isFormula(cell)
      if (!isKey(cell)) return
      keys[at] = (keys[at] ?? 0) + 1
      if (at === idAt) ids.take(cell)
      const plain = unescapeFormula(cell)
      numbers.take(at, plain, () => rowName(row.place))
      dates.take(at, plain, () => rowName(row.place))
    })
  }
  const isFilled = (column: number): boolean => (keys[column] ?? -1) === good
  return { ids, numbers, dates, filled, faults, escaped, formulas, count, isWide: wide * 2 > count, isFilled }
}

/** An empty line, or one of space in an empty file. In a file of one column it is a record without a value. */
export function isBlank(row: CsvRow, names: readonly string[]): boolean {
  return names.length === 0 || (row.cells.length === 0 && names.length !== 1)
}

/** Why a row is refused, as a sentence; null if it is a record. */
export function faultOf({ cells, place, fault }: CsvRow, names: readonly string[]): string | null {
  // Spreadsheets write empty columns behind the last one into some rows and not into others.
  const least = names.findLastIndex((name) => name !== '') + 1
  const isShort = cells.length < least && !(names.length === 1 && cells.length === 0)
  const isLong = cells.slice(names.length).some((cell) => cell !== null)
  const why =
    fault ??
    (isShort || isLong
      ? `has ${counted(cells.length, 'column')}, but the header has ${least}.${otherBreak(cells)}`
      : null) ??
    (isHeaderAgain(cells, names) ? headerAgain : null)
  if (why === null) return null
  const name = rowName(place)
  return `${name.charAt(0).toUpperCase()}${name.slice(1)} ${why}`
}

/** Two rows that were taken for one. */
function otherBreak(cells: readonly Cell[]): string {
  return cells.some((cell) => cell?.replaceAll('\r\n', '').includes('\r') === true)
    ? ' A line seems to end in it by a carriage return alone, as the first one does not.'
    : ''
}

/** One value may well be the name of its column: a company called “Company”. */
function isHeaderAgain(cells: readonly Cell[], names: readonly string[]): boolean {
  return (
    names.filter((name) => name !== '').length > 1 &&
    names.every((name, at) => name === (cells[at]?.trim() ?? ''))
  )
}

const headerAgain = 'has the names of the columns again: files may have been put together.'

function styleChoice(text: string | undefined): StyleChoice {
  switch (text) {
    case 'auto':
    case 'point':
    case 'comma':
    case 'dmy':
    case 'mdy':
      return text
    default:
      return 'text'
  }
}
