import stringWidth from 'string-width'
import { clean, type Terminal } from './terminal.ts'

export interface Column<T> {
  readonly title: string
  cell(item: T): string
  /** Colour of a cell; its text is `cell`'s. */
  style?(item: T): Parameters<Terminal['paint']>[0] | undefined
  /** Never shortened: ids, which are copied. */
  readonly whole?: boolean
}

const gap = '  '
const leastWidth = 6

/** A table that fits the terminal: the widest columns give way first, and what is cut off ends in an ellipsis. */
export function formatTable<T>(
  terminal: Terminal,
  columns: readonly Column<T>[],
  items: readonly T[],
): string[] {
  const cells = items.map((item) => columns.map((column) => clean(column.cell(item))))
  const natural = columns.map(({ title }, at) =>
    Math.max(stringWidth(title), ...cells.map((row) => stringWidth(row[at] ?? ''))),
  )
  const widths = fit(
    natural,
    columns.map(({ whole }) => whole === true),
    terminal.width,
  )
  const line = (texts: readonly string[], paint: (text: string, at: number) => string) =>
    texts
      .map((text, at) => {
        const cut = shorten(text, widths[at] ?? 0)
        const last = at === texts.length - 1
        return paint(cut, at) + (last ? '' : ' '.repeat((widths[at] ?? 0) - stringWidth(cut)))
      })
      .join(gap)
      .trimEnd()
  return [
    line(
      columns.map(({ title }) => title),
      (text) => terminal.paint('dim', text),
    ),
    ...cells.map((row, index) =>
      line(row, (text, at) => {
        const item = items[index]
        const style = item === undefined ? undefined : columns[at]?.style?.(item)
        return style === undefined ? text : terminal.paint(style, text)
      }),
    ),
  ]
}

/** "name: value" lines, aligned; an empty value is left out. */
export function formatFacts(terminal: Terminal, facts: readonly (readonly [string, string])[]): string[] {
  const shown = facts.filter(([, value]) => value !== '')
  const width = Math.max(...shown.map(([name]) => stringWidth(name)))
  return shown.map(([name, value]) => `${terminal.paint('dim', name.padEnd(width))}${gap}${clean(value)}`)
}

function fit(natural: readonly number[], whole: readonly boolean[], room: number): number[] {
  const widths = [...natural]
  let excess = widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1)) - room
  while (excess > 0) {
    const widest = widths.reduce(
      (best, width, at) => (whole[at] !== true && width > (widths[best] ?? 0) ? at : best),
      whole.indexOf(false),
    )
    const width = widths[widest]
    if (width === undefined || width <= leastWidth) return widths
    widths[widest] = width - 1
    excess -= 1
  }
  return widths
}

const graphemes = new Intl.Segmenter()

function shorten(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let cut = ''
  for (const { segment } of graphemes.segment(text)) {
    if (stringWidth(cut + segment) > width - 1) break
    cut += segment
  }
  return `${cut}…`
}
