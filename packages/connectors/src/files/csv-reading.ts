import type { Column, DataRecord } from '@latchwork/contract'
import type { Config } from '../interface.ts'
import { distinctNames, readHeader } from './csv-header.ts'
import { type Cell, readRows } from './csv-rows.ts'
import { type CsvShape, delimiters, findShape } from './csv-shape.ts'
import { type CsvSurvey, faultOf, isBlank, surveyRows } from './csv-survey.ts'
import { encodingLabels, findEncoding, type TextForm } from './encoding.ts'
import type { FilePlace, FileReading, FileRecord, OpenFile } from './file-record.ts'
import { unescapeFormula } from './formula-text.ts'
import { type ReadAs, readAs } from './people-values.ts'
import { refuseColumn } from './survey.ts'

/**
 * Looks through a CSV file and says how it is read. Values stay text, since a program can't know whether `007` is a
 * number, except where people's numbers and dates are to be read.
 *
 * @param limit how many rows are looked at
 * @throws LatchworkError `file_invalid` that names the row, or says what the file is
 */
export async function openCsv(file: OpenFile, config: Config, limit: number): Promise<FileReading> {
  const text = await findEncoding(file, config['encoding'] ?? 'auto', limit === Number.POSITIVE_INFINITY)
  const shape = await findShape(file, text, config)
  const header = await readHeader(file, shape)
  header.names.forEach(refuseColumn)
  const survey = await surveyRows(file, shape, header, config, limit)
  const isUndone =
    config['escaped'] === 'undo' || (config['escaped'] !== 'keep' && survey.escaped && !survey.formulas)
  const plainNames = isUndone ? header.names.map(unescapeFormula) : header.names
  const names = distinctNames(plainNames)
  const numbers = survey.numbers.decide(names)
  const dates = survey.dates.decide(names)
  const plans = names.map((name, at): ColumnPlan => {
    const as = dates.readAs[at] ?? numbers.readAs[at]
    // A column without name and values is what a spreadsheet leaves behind the last one.
    return { name, at, as, isLeftOut: header.names[at] === '' && !survey.filled.has(at) }
  })
  const columns = plans.filter(({ isLeftOut }) => !isLeftOut)
  const recordOf = (cells: readonly Cell[]): DataRecord => {
    const own = columns.map(({ name, at, as }): [string, unknown] => [
      name,
      cellValue(cells[at] ?? null, as, isUndone),
    ])
    // Of a row that is refused for it.
    const more = cells.flatMap((cell, at): [string, unknown][] =>
      at < names.length || cell === null ? [] : [[`Column ${at + 1}`, cell]],
    )
    return Object.fromEntries([...own, ...more])
  }
  const key = survey.isFilled(names.indexOf('id')) ? 'id' : null
  return {
    columns: columns.map(({ name, as }): Column => ({ name, label: name, type: as?.type ?? 'text' })),
    key,
    count: survey.count,
    twins: survey.ids.twins,
    start: header.next,
    readFrom: (place) => readRecords(file, shape, header.names, place, recordOf),
    notes: [
      ...encodingNotes(text),
      ...shape.notes,
      ...emptyNotes(names, survey),
      ...titleNotes(plainNames, survey),
      ...headerNotes(plainNames, columns),
      ...(shape.notes.length === 0 ? wholeRowNotes(names) : []),
      ...(isUndone && survey.escaped
        ? ['The apostrophe before text that a spreadsheet would take for a formula is taken away.']
        : []),
      ...numbers.notes,
      ...dates.notes,
      ...(key === null ? [] : survey.ids.notes),
      ...survey.faults,
    ],
  }
}

interface ColumnPlan {
  readonly name: string
  readonly at: number
  readonly as: ReadAs | undefined
  readonly isLeftOut: boolean
}

function cellValue(cell: Cell, as: ReadAs | undefined, isUndone: boolean): unknown {
  if (cell === null) return null
  const text = isUndone ? unescapeFormula(cell) : cell
  return as === undefined ? text : (readAs(text, as) ?? text)
}

async function* readRecords(
  file: OpenFile,
  shape: CsvShape,
  names: readonly string[],
  from: FilePlace,
  recordOf: (cells: readonly Cell[]) => DataRecord,
): AsyncGenerator<FileRecord> {
  for await (const row of readRows(file, shape, from)) {
    if (isBlank(row, names)) continue
    yield { record: recordOf(row.cells), place: row.place, next: row.next, fault: faultOf(row, names) }
  }
}

function encodingNotes({ encoding, example }: TextForm): string[] {
  if (example === null) return encoding === 'utf-8' ? [] : [`The text is ${encodingLabels[encoding]}.`]
  return [
    `The text seems to be ${encodingLabels[encoding]}: “${example}”. Choose under Encoding if letters look wrong.`,
  ]
}

function headerNotes(before: readonly string[], columns: readonly ColumnPlan[]): string[] {
  return columns.flatMap(({ name, at }) => {
    const given = before[at] ?? ''
    if (given.startsWith('\ufeff'))
      return [`The name of column ${at + 1} begins with a byte order mark, which nobody sees: take it away.`]
    if (given === name) return []
    if (given === '') return [`Column ${at + 1} has no name, and is called “${name}”.`]
    return [`“${given}” stands there more than once: column ${at + 1} is called “${name}”.`]
  })
}

function emptyNotes(names: readonly string[], { count }: CsvSurvey): string[] {
  if (names.length === 0) return ['The file is empty.']
  return count === 0 ? ['There are no records below the names of the columns.'] : []
}

/** People write the name of a table above it. */
function titleNotes(names: readonly string[], { isWide }: CsvSurvey): string[] {
  if (!isWide || names.filter((name) => name !== '').length !== 1) return []
  return [
    'The first row has one name, and the rows below it have more columns. If it is a title, take away all that stands above the names of the columns.',
  ]
}

/** A file of one column, the name of which could be the names of several. */
function wholeRowNotes([name = '', ...more]: readonly string[]): string[] {
  if (more.length > 0 || !Object.values(delimiters).some((delimiter) => name.includes(delimiter))) return []
  return [
    `There is one column, “${name.slice(0, 100)}”: each row may stand in quotes as a whole. If so, take these quotes away and upload the file again.`,
  ]
}
