import { parseJson } from '@latchwork/close'
import { type DataRecord, isRecord } from '@latchwork/contract'
import {
  badLine,
  type FilePlace,
  type FileRecord,
  maxRecordBytes,
  type OpenFile,
  readChunks,
  recordStructure,
} from './file-record.ts'

const lineBreak = 0x0a
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * Records of a JSON Lines file: one JSON object a line, UTF-8, blank lines skipped.
 * @throws LatchworkError `file_invalid` that names the line
 * @see https://jsonlines.org
 */
export async function* readJsonLines(file: OpenFile, from: FilePlace): AsyncGenerator<FileRecord> {
  let { line } = from
  for await (const { bytes, endOffset } of readLines(file, from)) {
    const record = parseLine(file, line, bytes)
    line += 1
    if (record !== null) yield { record, endOffset, nextLine: line }
  }
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

function parseLine(file: OpenFile, line: number, bytes: Buffer): DataRecord | null {
  const marked = line === 1 && bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      marked ? bytes.subarray(byteOrderMark.length) : bytes,
    )
  } catch {
    throw badLine(file, line, 'is not UTF-8 text.')
  }
  if (text.trim() === '') return null
  let value: unknown
  try {
    value = parseJson(text, recordStructure)
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : 'is not valid JSON'
    throw badLine(file, line, `${why}. Each line must be one JSON object.`)
  }
  if (!isRecord(value)) throw badLine(file, line, 'is not a JSON object in braces.')
  return value
}
