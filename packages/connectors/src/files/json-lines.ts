import { parseJson } from '@latchwork/close'
import { counted, type DataRecord, isRecord, parseExactly } from '@latchwork/contract'
import { refuseNoJsonText } from './encoding.ts'
import {
  badLine,
  type FilePlace,
  type FileReading,
  type FileRecord,
  maxRecordBytes,
  type OpenFile,
  readChunks,
  recordStructure,
} from './file-record.ts'
import { surveyRecords } from './survey.ts'
import { twinName } from './twin-names.ts'

const lineBreak = 0x0a
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * Looks through a JSON Lines file and says how it is read.
 * @param limit how many records are looked at
 * @throws LatchworkError `file_invalid`
 */
export async function openJsonLines(file: OpenFile, limit: number): Promise<FileReading> {
  await refuseNoJsonText(file)
  const start = { offset: 0, line: 1, textLine: 1 }
  const { faults, ids, ...survey } = await surveyRecords(readJsonLines(file, start), limit)
  const notes = [
    ...(survey.count === 0 ? ['The file is empty.'] : faults),
    ...(survey.key === null ? [] : ids.notes),
    ...(survey.count === 1 ? await wrapperNotes(readJsonLines(file, start)) : []),
  ]
  return { ...survey, twins: ids.twins, start, readFrom: (place) => readJsonLines(file, place), notes }
}

/**
 * Records of a JSON Lines file: one JSON object a line, UTF-8, blank lines skipped. One that has a name twice is refused
 * alone: JavaScript would take the last value in silence.
 * @throws LatchworkError `file_invalid` that names the line
 * @see https://jsonlines.org
 */
async function* readJsonLines(file: OpenFile, from: FilePlace): AsyncGenerator<FileRecord> {
  let place = from
  for await (const { bytes, endOffset } of readLines(file, from)) {
    const text = textOf(file, place.line, bytes)
    const next = { offset: endOffset, line: place.line + 1, textLine: place.textLine + 1 }
    if (text.trim() !== '') {
      const record = parseLine(file, place.line, text)
      yield { record, place, next, fault: twinFault(place.line, text, record) }
    }
    place = next
  }
}

/** Programs answer with one object that has all records in a list, and people save that. */
async function wrapperNotes(records: AsyncIterable<FileRecord>): Promise<string[]> {
  for await (const { record } of records) {
    const [name, list] =
      Object.entries(record).find(([, value]) => Array.isArray(value) && value.length > 0) ?? []
    if (name === undefined || !Array.isArray(list) || !list.every(isRecord)) return []
    return [
      `The file has one record, and its “${name.slice(0, 100)}” is a list of ${counted(list.length, 'object')}. If those are the records, write each of them on a line of its own.`,
    ]
  }
  return []
}

async function* readLines(
  file: OpenFile,
  from: FilePlace,
): AsyncGenerator<{ bytes: Buffer; endOffset: number }> {
  let endOffset = from.offset
  let lines = 0
  let rest: Buffer[] = []
  let restBytes = 0
  for await (const chunk of readChunks(file, from.offset)) {
    let start = 0
    for (let end = chunk.indexOf(lineBreak); end !== -1; end = chunk.indexOf(lineBreak, start)) {
      const piece = chunk.subarray(start, end)
      const bytes = rest.length === 0 ? piece : Buffer.concat([...rest, piece])
      start = end + 1
      rest = []
      restBytes = 0
      endOffset += bytes.length + 1
      lines += 1
      yield { bytes, endOffset }
    }
    rest.push(chunk.subarray(start))
    restBytes += chunk.length - start
    if (restBytes > maxRecordBytes) {
      throw badLine(file, from.line + lines, `is longer than ${maxRecordBytes} bytes.`)
    }
  }
  if (restBytes > 0) yield { bytes: Buffer.concat(rest), endOffset: endOffset + restBytes }
}

/** A mark may stand before any line: files are put together. */
function textOf(file: OpenFile, line: number, bytes: Buffer): string {
  const marked = bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      marked ? bytes.subarray(byteOrderMark.length) : bytes,
    )
  } catch {
    throw badLine(file, line, 'is not UTF-8 text.')
  }
}

function parseLine(file: OpenFile, line: number, text: string): DataRecord {
  let value: unknown
  try {
    value = parseExactly(text, parseJson(text, recordStructure))
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : 'is not valid JSON'
    throw badLine(file, line, otherShape(line, text) ?? `${why}. Each line must be one JSON object.`)
  }
  if (!isRecord(value)) throw badLine(file, line, otherShape(line, text) ?? 'is not a JSON object in braces.')
  return value
}

/** What people take for JSON Lines, by its first line, as the rest of a sentence. */
function otherShape(lineNumber: number, text: string): string | null {
  if (lineNumber > 1) return null
  const line = text.trim()
  if (line.startsWith('['))
    return 'is a list in brackets. Write each of its objects on a line of its own, without brackets and commas.'
  if (line === '{') return 'has an object that goes on in the next line. Write each object on one line.'
  if (/^\{.*\},$/.test(line)) return 'has a comma behind its object. Take it away, there and in all lines.'
  if (/^\{.*\}\s*\{.*\}$/s.test(line)) return 'has several objects. Write each on a line of its own.'
  return null
}

function twinFault(line: number, text: string, record: DataRecord): string | null {
  const name = twinName(text, record)
  if (name === null) return null
  return `Line ${line} has “${name.slice(0, 100)}” twice in one object: which value counts can't be told.`
}
