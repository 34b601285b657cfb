import { badFile, type OpenFile } from './file-record.ts'

/* What people upload in place of a table. */

/** By the first bytes. */
const byBytes: readonly (readonly [hex: string, what: string])[] = [
  [
    '504b0304',
    'is an Excel workbook (.xlsx) or another ZIP archive, not text. Open it in the spreadsheet, save it as “CSV UTF-8”, and upload that.',
  ],
  [
    'd0cf11e0a1b11ae1',
    'is an old Excel workbook (.xls), not text. Open it in the spreadsheet, save it as “CSV UTF-8”, and upload that.',
  ],
  ['1f8b', 'is compressed (gzip). Unpack it, and upload what was in it.'],
  ['25504446', 'is a PDF document, not a table. Export the table as CSV, and upload that.'],
  ['50415231', 'is a Parquet file, not text. Export it as CSV or JSON Lines, and upload that.'],
  ['fffe0000', 'is UTF-32 text. Save it as UTF-8, and upload it again.'],
  ['0000feff', 'is UTF-32 text. Save it as UTF-8, and upload it again.'],
]

/** By the first letters. */
const byText: readonly (readonly [begin: RegExp, what: string])[] = [
  [
    /^<(?:!doctype html|html|head|body|table)\b/i,
    'is a web page (HTML), not a table. What it was fetched from may have asked for a sign-in: look at it, and upload the table itself.',
  ],
  [/^<\?xml\b/i, 'is XML, not a table. Export it as CSV or JSON Lines, and upload that.'],
]

/** @param head the first bytes of the file @throws LatchworkError `file_invalid` */
export function refuseOthers(file: OpenFile, head: Buffer): void {
  const bytes = head.subarray(0, 8).toString('hex')
  const text = beginning(head)
  const [, what] =
    byBytes.find(([hex]) => bytes.startsWith(hex)) ?? byText.find(([begin]) => begin.test(text)) ?? []
  if (what !== undefined) throw badFile(file, what)
}

/** Of what is to be CSV. @throws LatchworkError `file_invalid` */
export function refuseJson(file: OpenFile, head: Buffer): void {
  if (!/^(?:\[\s*)?\{\s*"(?:[^"\\\r\n]|\\.)*"\s*:/.test(beginning(head))) return
  throw badFile(
    file,
    'is JSON, not CSV. Choose JSON Lines under Format if each of its lines is one object in braces; else save it so, and upload it again.',
  )
}

function beginning(head: Buffer): string {
  return head
    .subarray(0, 1024)
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart()
}
