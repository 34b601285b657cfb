const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * One line in COPY's text format, without its line break. Values are written as text whatever they are, so that the
 * server reads them by the type of its own column.
 * @see https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2 (text format)
 */
export function copyLine(cells: readonly (string | null)[]): string {
  return cells.map((cell) => (cell === null ? '\\N' : cell.replaceAll(/[\\\n\r\t]/g, escaped))).join('\t')
}

function escaped(character: string): string {
  return escapes[character] ?? character
}
