import { isAscii, isUtf8 } from 'node:buffer'
import { type Decoder, dosDecoder } from './dos-text.ts'
import { badFile, type OpenFile, readChunks } from './file-record.ts'
import { refuseJson, refuseOthers } from './other-files.ts'

/** Encodings that can be chosen, with their names. A mark at a file's beginning says more than a choice. */
export const encodingLabels = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16, little-endian',
  'utf-16be': 'UTF-16, big-endian',
  'windows-1252': 'Windows-1252 (Western Europe)',
  'windows-1250': 'Windows-1250 (Central Europe)',
  ibm850: 'DOS (code page 850, Western Europe)',
  macintosh: 'Macintosh Roman',
} as const
export type Encoding = keyof typeof encodingLabels

/** @param fatal what is no text in the encoding is an error */
export function textDecoder(encoding: Encoding, fatal = false): Decoder {
  return encoding === 'ibm850' ? dosDecoder : new TextDecoder(encoding, { fatal })
}

/** How a file's bytes become text. */
export interface TextForm {
  readonly encoding: Encoding
  /** Where its text begins, in bytes: behind the mark of UTF-8. The decoder takes other marks away. */
  readonly start: number
  /** Text with letters that show whether the encoding is right, where it was only found by looking. */
  readonly example: string | null
}

/** Bytes that are looked at to find how a sample is encoded. For a run all of them are. */
const sampleBytes = 64 * 1024 * 1024

/**
 * Finds out how a CSV file is encoded: by its mark, by what was chosen, or by looking at its bytes.
 * @param chosen an encoding or `auto`
 * @throws LatchworkError `file_invalid` for a workbook or another file that is no text, and where looking does not tell
 */
export async function findEncoding(file: OpenFile, chosen: string, whole: boolean): Promise<TextForm> {
  const head = await headOf(file)
  refuseOthers(file, head)
  refuseJson(file, head)
  const marked = markOf(head)
  if (marked !== null) return marked
  const known = isEncoding(chosen) ? chosen : wideEncoding(head)
  if (known !== null) return { encoding: known, start: 0, example: null }
  return findNarrow(file, whole ? Number.POSITIVE_INFINITY : sampleBytes)
}

/**
 * As `findEncoding` for JSON Lines, which are UTF-8 by their standard.
 * @throws LatchworkError `file_invalid` for what is another thing by its first bytes
 */
export async function refuseNoJsonText(file: OpenFile): Promise<void> {
  const head = await headOf(file)
  refuseOthers(file, head)
  const encoding = markOf(head)?.encoding ?? wideEncoding(head)
  if (encoding === null || encoding === 'utf-8') return
  throw badFile(
    file,
    `is ${encodingLabels[encoding]} text. JSON Lines are UTF-8: save it so, and upload it again.`,
  )
}

function isEncoding(text: string): text is Encoding {
  return Object.hasOwn(encodingLabels, text)
}

async function headOf(file: OpenFile): Promise<Buffer> {
  for await (const chunk of readChunks(file, 0)) return chunk.subarray(0, 64 * 1024)
  return Buffer.alloc(0)
}

function markOf(head: Buffer): TextForm | null {
  const begin = head.subarray(0, 3).toString('hex')
  if (begin === 'efbbbf') return { encoding: 'utf-8', start: 3, example: null }
  if (begin.startsWith('fffe')) return { encoding: 'utf-16le', start: 0, example: null }
  return begin.startsWith('feff') ? { encoding: 'utf-16be', start: 0, example: null } : null
}

/**
 * UTF-16 without a mark: its first character is one that a name begins with, of an alphabet that stands early among all
 * characters, and one byte of every delimiter and line break is zero.
 */
function wideEncoding(head: Buffer): Encoding | null {
  const [first = 0xff, second = 0xff] = head
  const encoding = second < 8 && first !== 0 ? 'utf-16le' : first < 8 && second !== 0 ? 'utf-16be' : null
  if (encoding === null || head.length % 2 === 1) return null
  const high = encoding === 'utf-16le' ? 1 : 0
  const zeros = head.filter((byte, at) => byte === 0 && at % 2 === high).length
  const text = new TextDecoder(encoding).decode(head)
  const isPlausible = /^[\p{L}\p{N}"'#_(]/u.test(text) && /[\r\n]/.test(text) && !text.includes('\0')
  return isPlausible && zeros >= head.length / 20 ? encoding : null
}

/** UTF-8, or where it can't be that, Windows-1252; where it is as little the one as the other, a person must choose. */
async function findNarrow(file: OpenFile, limit: number): Promise<TextForm> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let looked = 0
  let letters = false
  let at = 0
  try {
    for await (const chunk of readChunks(file, 0)) {
      at = looked
      decoder.decode(chunk, { stream: true })
      letters ||= !isAscii(chunk)
      looked += chunk.length
      if (looked >= limit) return { encoding: 'utf-8', start: 0, example: null }
    }
    decoder.decode()
    return { encoding: 'utf-8', start: 0, example: null }
  } catch {
    const example = await westernExample(file, at)
    if (!letters && example !== null) return { encoding: 'windows-1252', start: 0, example }
    throw badFile(
      file,
      'is not UTF-8 text from its beginning to its end, and not plainly Windows-1252 either. Choose how it is encoded under Encoding.',
    )
  }
}

/** Text around the first letter that is not UTF-8; null if this could not be Windows-1252. */
async function westernExample(file: OpenFile, from: number): Promise<string | null> {
  for await (const chunk of readChunks(file, from)) {
    const first = chunk.findIndex((byte) => byte >= 0x80)
    if (first === -1) continue
    // In no word stands such a sign, but the letter that DOS had in its place.
    if (/[a-z][\x82\x84\x94\x99][a-z]/i.test(chunk.toString('latin1'))) return null
    // Pieces that are UTF-8 beside pieces that are not: the file is neither. So are bytes without a meaning.
    const mixed = [...chunk.toString('latin1').matchAll(/[\x80-\xff]+/g)].some(
      ([run]) => run.length > 1 && isUtf8(Buffer.from(run, 'latin1')),
    )
    // A zero byte is half of a character of UTF-16.
    if (mixed || /[\0\x81\x8d\x8f\x90\x9d]/.test(chunk.toString('latin1'))) return null
    const around = chunk.subarray(Math.max(0, first - 30), first + 30)
    const text = new TextDecoder('windows-1252').decode(around)
    const letter = first - Math.max(0, first - 30)
    const begin = text.slice(0, letter).search(/[^"\r\n,;\t]*$/)
    return /^[^"\r\n,;\t]*/.exec(text.slice(begin))?.[0] ?? null
  }
  return null
}

/** A file holds bytes that are no text in its encoding. */
export class NotThisText extends Error {}

/**
 * The text of a file as UTF-8, in chunks. Fails on what is no text in the encoding rather than losing characters.
 * @param offset in bytes of what this yields; for UTF-8 these are the file's own
 * @throws NotThisText
 */
export async function* readText(
  file: OpenFile,
  { encoding }: TextForm,
  offset: number,
): AsyncGenerator<Buffer> {
  const decoder = textDecoder(encoding, true)
  const decode = (bytes?: Buffer): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
    } catch {
      throw new NotThisText()
    }
  }
  if (encoding === 'utf-8') {
    for await (const chunk of readChunks(file, offset)) {
      decode(chunk)
      yield chunk
    }
    decode()
    return
  }
  let skip = offset
  for await (const chunk of readChunks(file, 0)) {
    const text = Buffer.from(decode(chunk))
    if (text.length > skip) yield text.subarray(skip)
    skip = Math.max(0, skip - text.length)
  }
  decode()
}
