import type { Config } from '../interface.ts'
import { type TextForm, textDecoder } from './encoding.ts'
import { type FilePlace, type OpenFile, readChunks } from './file-record.ts'

const delimiterList = [
  ['comma', ',', 'commas'],
  ['semicolon', ';', 'semicolons'],
  ['tab', '\t', 'tabs'],
  ['pipe', '|', 'vertical bars'],
] as const

/** The delimiters that can be chosen, by their names in a form. */
export const delimiters: Readonly<Record<string, string>> = Object.fromEntries(
  delimiterList.map(([name, delimiter]) => [name, delimiter]),
)

/** A first line that says what separates columns, as Excel writes it and as programs do that took it for a row. */
const separatorLine = /^sep=([^\r\n"])\1* *(?:\r\n|\n\r(?!\n)|\r|\n|$)/i
/** In quotes it may also be the name of a column. */
const quotedSeparatorLine = /^"sep=([^\r\n"])"(?:\r\n|\n\r(?!\n)|\r|\n)(?=[^\r\n]*\1)/i

/** Rows at the beginning that say which delimiter it is. */
const rowsLooked = 20

/** How the rows of a CSV file are told apart, and where the first one stands. */
export interface CsvShape {
  readonly text: TextForm
  readonly delimiter: string
  readonly lineBreaks: readonly string[]
  readonly start: FilePlace
  /** What was found by looking, as sentences. */
  readonly notes: readonly string[]
}

/** Looks at the first line of a CSV file: a `sep=` line of Excel, the delimiter, how lines end. */
export async function findShape(file: OpenFile, text: TextForm, config: Config): Promise<CsvShape> {
  const head = await headText(file, text)
  const separator = separatorLine.exec(head) ?? quotedSeparatorLine.exec(head)
  const [line = '', named] = separator ?? []
  const rest = head.slice(line.length)
  const chosen = delimiters[config['delimiter'] ?? '']
  const found = named ?? chosen ?? mostFrequent(rest)
  return {
    text,
    delimiter: found,
    lineBreaks: lineBreaksOf(rest),
    start: {
      offset: text.start + Buffer.byteLength(line),
      line: 1,
      textLine: separator === null ? 1 : 2,
    },
    notes: delimiterNotes(rest, found, named === undefined && chosen === undefined),
  }
}

/** What is no text in the encoding is met again, with its row, when the rows are read. */
async function headText(file: OpenFile, text: TextForm): Promise<string> {
  for await (const chunk of readChunks(file, text.start)) {
    return textDecoder(text.encoding).decode(chunk.subarray(0, 64 * 1024))
  }
  return ''
}

/** What stands outside of quotes in the first rows, the header before all. */
function unquotedRows(text: string): string[] {
  const rows = text.replaceAll(/"(?:[^"]|"")*"/g, '""').split(/[\r\n]+/, rowsLooked)
  return rows.filter((row, index) => index === 0 || row !== '')
}

const unquotedHeader = (text: string): string => unquotedRows(text)[0] ?? ''

/** By the first line's end: elsewhere a carriage return alone is data. */
function lineBreaksOf(text: string): readonly string[] {
  const [end] = /\r\n|\n\r(?!\n)|\r|\n/.exec(text.replaceAll(/"(?:[^"]|"")*"/g, '""')) ?? []
  const others = ['\r\n', '\n']
  if (end === '\n\r') return [end, ...others]
  return end === '\r' ? ['\r\n', '\r', '\n'] : others
}

/** What cuts most of the first rows into as many columns as the header has; of several, what makes the most columns. */
function mostFrequent(text: string): string {
  const [header = '', ...rows] = unquotedRows(text)
  const found = delimiterList.map(([, delimiter]) => {
    const columns = header.split(delimiter).length
    const alike = rows.filter((row) => row.split(delimiter).length === columns).length
    return { delimiter, columns, alike: columns === 1 ? -1 : alike }
  })
  const [best] = found.sort((a, b) => b.alike - a.alike || b.columns - a.columns)
  return best?.delimiter ?? ','
}

function delimiterNotes(text: string, delimiter: string, isFound: boolean): string[] {
  const nameOf = (sign: string) => delimiterList.find((each) => each[1] === sign)?.[2] ?? `“${sign}”`
  const header = unquotedHeader(text)
  if (isFound && header.includes(delimiter)) return [`Columns are separated by ${nameOf(delimiter)}.`]
  if (header.includes(delimiter)) return []
  const other = mostFrequent(text)
  return header.includes(other)
    ? [
        `The first row has no ${nameOf(delimiter)}, but ${nameOf(other)}: choose what columns are separated by.`,
      ]
    : []
}
