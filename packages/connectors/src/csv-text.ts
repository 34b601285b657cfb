import { stringify } from 'csv-stringify/sync'

/** Rows as CSV for a spreadsheet, with CRLF; nested values are JSON. What a spreadsheet would take for a formula is escaped. */
export function csvText(rows: readonly (readonly unknown[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    { escape_formulas: true, record_delimiter: 'windows', cast: { boolean: String } },
  )
}
